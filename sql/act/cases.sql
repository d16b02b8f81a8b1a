-- Read the cases that acts opened: their clocks, which platforms must follow, and what each of them confirmed.
--
-- Grain: one row per act. Repeatable: reads only.
-- Parameters: :platforms (those of the catalogue), :act_id, :record_id (NULL: all), :only_open
-- `finished_on` is when all that the act asked for had been done; an act that was taken back is closed even without.
-- A platform must follow when it showed the record, or may be showing it because an answer is missing.

WITH cases AS (
    SELECT
        act.act_id,
        act.kind,
        act.record_type,
        cast(act.record_id AS text) AS record_id,
        act.document,
        act.party,
        act.section,
        act.effective_on,
        act.known_on,
        act.counted_from,
        act.person,
        act.basis,
        act.document_number,
        act.reason,
        act.disclosure,
        act.fields,
        due.day AS due_on,
        answer_due.day AS answer_due_on,
        coalesce(due.is_provisional, FALSE) AS is_provisional,
        answer.act_id AS answered_by,
        answer.effective_on AS answered_on,
        reversal.act_id AS reversed_by,
        reversal.known_on AS reversed_on,
        reversal.document_number AS reversed_under,
        array(
            SELECT DISTINCT item.platform
            FROM publication.item AS item
            WHERE
                item.record_type = act.record_type
                AND item.record_id = act.record_id
                AND item.operation <> 'withdraw'
                AND item.state IN ('accepted', 'open')
                AND item.platform = any(cast(:platforms AS text[]))
            ORDER BY item.platform
        ) AS platforms,
        array(
            SELECT known.platform
            FROM warehouse.act_confirmation AS known
            WHERE known.act_id = act.act_id
        ) AS confirmed_by,
        (
            SELECT max(known.confirmed_on)
            FROM warehouse.act_confirmation AS known
            WHERE known.act_id = act.act_id
        ) AS last_confirmed_on
    FROM warehouse.act AS act
    LEFT JOIN warehouse.working_day AS started ON act.counted_from = started.day
    LEFT JOIN warehouse.working_day AS due
        ON due.is_working AND due.ordinal = started.ordinal + act.working_days
    LEFT JOIN warehouse.working_day AS answer_due
        ON answer_due.is_working AND answer_due.ordinal = started.ordinal + act.answer_days
    LEFT JOIN LATERAL (
        SELECT
            later.act_id,
            later.effective_on,
            later.known_on
        FROM warehouse.act AS later
        WHERE
            later.answers = act.act_id
            AND later.kind IN ('upheld', 'dismissed')
            AND NOT EXISTS (
                SELECT FROM warehouse.act AS taken_back
                WHERE taken_back.answers = later.act_id
            )
        LIMIT 1
    ) AS answer ON TRUE
    LEFT JOIN LATERAL (
        SELECT
            later.act_id,
            later.known_on,
            later.document_number
        FROM warehouse.act AS later
        WHERE later.answers = act.act_id AND later.kind = 'reversal'
        ORDER BY later.act_id
        LIMIT 1
    ) AS reversal ON TRUE
    WHERE
        (cast(:act_id AS bigint) IS NULL OR act.act_id = :act_id)
        AND (cast(:record_id AS uuid) IS NULL OR act.record_id = :record_id)
),

waiting AS (
    SELECT
        cases.*,
        array(
            SELECT platform
            FROM unnest(cases.platforms) AS platform
            WHERE NOT platform = any(cases.confirmed_by)
        ) AS waiting_for,
        cases.kind = 'objection' AND cases.answered_by IS NULL AS waits_for_answer
    FROM cases
),

judged AS (
    SELECT
        waiting.*,
        CASE
            WHEN cardinality(waiting.waiting_for) > 0 OR waiting.waits_for_answer THEN NULL
            ELSE greatest(waiting.known_on, waiting.last_confirmed_on, waiting.answered_on)
        END AS finished_on
    FROM waiting
)

SELECT
    judged.act_id,
    judged.kind,
    judged.record_type,
    judged.record_id,
    judged.document,
    judged.party,
    judged.section,
    judged.effective_on,
    judged.known_on,
    judged.counted_from,
    judged.person,
    judged.basis,
    judged.document_number,
    judged.reason,
    judged.disclosure,
    judged.fields,
    judged.due_on,
    judged.answer_due_on,
    judged.is_provisional,
    judged.answered_by,
    judged.answered_on,
    judged.reversed_by,
    judged.reversed_on,
    judged.reversed_under,
    judged.platforms,
    judged.waiting_for,
    judged.finished_on,
    least(judged.finished_on, judged.reversed_on) AS closed_on
FROM judged
WHERE NOT :only_open OR coalesce(judged.finished_on, judged.reversed_on) IS NULL
ORDER BY
    coalesce(judged.finished_on, judged.reversed_on) IS NOT NULL,
    coalesce(judged.due_on, judged.effective_on),
    judged.act_id
