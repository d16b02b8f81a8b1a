-- Read what was true of records on a date, as far as it was known on another: the claim of the feed that prevails.
--
-- Grain: one row per record of which anything is known by then and true by the other. Repeatable: reads only.
-- Parameters: :true_on, :known_before (timestamptz), :known_on, :corrected_by, :record_ids,
-- :timeless (feeds whose source gives no time)
-- A version holds from the day its source says; where the source says none, from its delivery's business date; the
-- first content of a feed from the decision on, if that is earlier, unless it continues a record told under another
-- key until then. A retraction by feed or by act wipes what came before it, once it is known. Nothing that was derived
-- later (valid_to, today's current records) is read, nor what was corrected after :corrected_by.

WITH known AS (
    SELECT
        version.*,
        cast(version.known_at AS date) - 1 AS learnt_on,
        CASE
            WHEN version.source_at = version.known_at OR version.feed = any(:timeless)
                THEN cast(version.source_at AS date) - 1
            ELSE cast(version.source_at AS date)
        END AS said_from,
        version.source_at = min(version.source_at) OVER (PARTITION BY version.record_id, version.feed)
        AND NOT EXISTS (
            SELECT FROM warehouse.succession AS link
            INNER JOIN landing.batch AS linking ON link.batch_id = linking.batch_id
            WHERE
                link.successor_id = version.record_id
                AND link.record_type = {{ record_name }}
                AND linking.feed = version.feed
                AND linking.known_at <= version.known_at
        ) AS is_first,
        max(CASE WHEN version.ending = 'retracted_as_wrong' THEN version.source_at END)
            OVER (PARTITION BY version.record_id, version.feed) AS retracted_at
    FROM (
        {{ as_known }}
    ) AS version
    WHERE
        version.known_at < :known_before
        {% if of_records %}
        AND version.record_id = any(cast(:record_ids AS uuid[]))
        {% endif %}
),

claims AS (
    SELECT DISTINCT ON (known.record_id, known.feed)
        known.*,
        CASE
            WHEN known.is_first AND known.ending IS NULL THEN least(known.said_from, {{ decision_date }})
            ELSE known.said_from
        END AS true_from
    FROM known
    WHERE
        (known.retracted_at IS NULL OR known.source_at >= known.retracted_at)
        AND :true_on >= CASE
            WHEN known.is_first AND known.ending IS NULL THEN least(known.said_from, {{ decision_date }})
            ELSE known.said_from
        END
    ORDER BY
        known.record_id ASC, known.feed ASC, known.source_at DESC, known.known_at DESC, known.batch_id DESC
),

prevailing AS (
    SELECT DISTINCT ON (claims.record_id) claims.*
    FROM claims
    LEFT JOIN operation.feed AS owner ON claims.feed = owner.feed
    ORDER BY
        claims.record_id ASC,
        claims.ending IS NOT NULL ASC,
        CASE WHEN claims.ending IS NULL THEN owner.precedence END ASC NULLS LAST,
        claims.source_at DESC,
        claims.known_at DESC
),

acts AS (
    SELECT
        act.record_id,
        bool_or(act.kind = 'retraction') AS is_retracted,
        min(act.act_id) FILTER (
            WHERE act.kind IN ('annulment', 'upheld') AND act.effective_on <= :true_on
        ) AS ended_by,
        jsonb_agg(
            jsonb_build_object(
                'kind', act.kind, 'effective_on', act.effective_on, 'person', act.person, 'basis', act.basis
            ) ORDER BY act.effective_on, act.act_id
        ) FILTER (WHERE act.effective_on <= :true_on) AS told
    FROM warehouse.act AS act
    WHERE
        act.record_type = {{ record_name }}
        {% if of_records %}
        AND act.record_id = any(cast(:record_ids AS uuid[]))
        {% endif %}
        AND act.known_on <= :known_on
        AND act.kind <> 'reversal'
        AND NOT EXISTS (
            SELECT FROM warehouse.act AS reversal
            WHERE
                reversal.answers = act.act_id
                AND reversal.kind = 'reversal'
                AND reversal.known_on <= :known_on
                AND (reversal.effective_on <= :true_on OR act.kind = 'retraction')
        )
    GROUP BY act.record_id
)

SELECT
    cast(prevailing.record_id AS text) AS record_id,
    prevailing.document,
    prevailing.party,
    CASE
        WHEN acts.is_retracted OR prevailing.ending = 'retracted_as_wrong' THEN 'retracted'
        WHEN deciding.act_id IS NOT NULL OR prevailing.ending IS NOT NULL THEN 'ended'
        ELSE 'true'
    END AS standing,
    prevailing.true_from,
    prevailing.learnt_on AS known_on,
    prevailing.feed,
    prevailing.batch_id,
    CASE deciding.kind
        WHEN 'annulment' THEN 'revoked'
        WHEN 'upheld' THEN 'objection_upheld'
        ELSE prevailing.ending
    END AS ending,
    coalesce(deciding.effective_on, CASE WHEN prevailing.ending IS NOT NULL THEN prevailing.true_from END) AS ended_on,
    CASE WHEN deciding.act_id IS NULL THEN prevailing.ending_reason ELSE deciding.reason END AS ending_reason,
    coalesce(deciding.basis, prevailing.ending_basis) AS ending_basis,
    coalesce(deciding.person, prevailing.ending_person) AS ending_person,
    cast(continued.successor_id AS text) AS continued_as,
    acts.told AS acts,
    cast(prevailing.subject_id AS text) AS subject_id,
    {{ fields | of("prevailing") }}
FROM (
    SELECT
        prevailing.*,
        {{ document }} AS document,
        {{ party }} AS party
    FROM prevailing
) AS prevailing
LEFT JOIN acts ON prevailing.record_id = acts.record_id
LEFT JOIN warehouse.act AS deciding ON acts.ended_by = deciding.act_id
LEFT JOIN warehouse.succession AS continued
    ON
        prevailing.record_id = continued.record_id
        AND prevailing.batch_id = continued.batch_id
        AND continued.record_type = {{ record_name }}
{% if only_true %}
WHERE
    prevailing.ending IS NULL
    AND deciding.act_id IS NULL
    AND acts.is_retracted IS NOT TRUE
{% endif %}
ORDER BY prevailing.record_id
