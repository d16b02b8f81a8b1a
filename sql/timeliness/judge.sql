-- Judge every record on every platform that must show it: in time, at risk or late on a date, and why (rule R32).
--
-- Grain: one row per platform and record. Repeatable: temporary, dropped with the transaction.
-- Parameters: :business_date, :shown_after_days, :alert_after, :counted_from,
-- :taking (JSON: platform, record_type, party_kinds, classes, working_days); the logical date, as a setting
-- Source: standards of the receivers; ours is shown ≤ due date, the stricter receiver's is elapsed working days < 7.
-- What an act or its own class keeps from a platform is not awaited there. The day of the decision is not counted. What
-- a night learns or a platform accepts counts for the day it happens on: so many days after the business date.

CREATE TEMPORARY TABLE timeliness ON COMMIT DROP AS
WITH asked AS (
    SELECT
        cast(:business_date AS date) AS business_date,
        cast(:business_date AS date) + cast(:shown_after_days AS int) AS seen_on,
        cast(:shown_after_days AS int) AS lag_days,
        cast(:counted_from AS date) AS counted_from
),

taking AS (
    SELECT one.*
    FROM
        jsonb_to_recordset(cast(:taking AS jsonb))
            AS one (
                platform text, record_type text, party_kinds text[], classes text[], working_days int
            )
),

told AS (
    SELECT
        item.platform,
        item.record_type,
        item.record_id,
        bool_or(item.state = 'rejected') AS was_rejected,
        bool_or(item.state = 'open') AS is_open,
        min(
            CASE WHEN item.state = 'accepted' THEN coalesce(receipt.business_date, message.business_date) END
        ) AS accepted_for
    FROM publication.item AS item
    INNER JOIN publication.message AS message
        ON item.platform = message.platform AND item.number = message.number
    LEFT JOIN publication.first_receipt AS receipt
        ON
            item.platform = receipt.platform
            AND item.record_type = receipt.record_type
            AND item.record_id = receipt.record_id
    CROSS JOIN asked
    WHERE item.operation <> 'withdraw' AND message.business_date <= asked.business_date
    GROUP BY item.platform, item.record_type, item.record_id
),

dated AS (
    SELECT
        taking.platform,
        taking.working_days,
        record.*,
        asked.seen_on,
        due.day AS due_date,
        due.is_provisional,
        record.first_known + asked.lag_days AS known_on,
        record.first_stored + asked.lag_days AS usable_on,
        CASE WHEN told.accepted_for <= asked.business_date THEN told.accepted_for + asked.lag_days END AS shown_on,
        coalesce(told.was_rejected, FALSE) AS was_rejected,
        coalesce(told.is_open, FALSE) AS is_open,
        decided.ordinal AS decided_ordinal
    FROM measured_record AS record
    CROSS JOIN asked
    INNER JOIN taking
        ON
            record.record_type = taking.record_type
            AND (
                record.party_kind = any(taking.party_kinds)
                OR (record.party_kind IS NULL AND record.first_stored IS NULL)
            )
    LEFT JOIN told
        ON
            taking.platform = told.platform
            AND record.record_type = told.record_type
            AND record.record_id = told.record_id
    LEFT JOIN warehouse.standing AS standing
        ON record.record_type = standing.record_type AND record.record_id = standing.record_id
    LEFT JOIN warehouse.working_day AS decided ON record.decision_date = decided.day
    LEFT JOIN warehouse.working_day AS due
        ON due.is_working AND due.ordinal = decided.ordinal + taking.working_days
    WHERE
        (asked.counted_from IS NULL OR record.decision_date IS NULL OR record.decision_date >= asked.counted_from)
        AND (
            told.accepted_for <= asked.business_date
            OR (
                coalesce(record.hidden_from > asked.seen_on, TRUE)
                AND coalesce(record.disclosure = any(taking.classes), TRUE)
                AND coalesce(standing.disclosure = any(taking.classes), TRUE)
                AND standing.withdrawn_reason IS NULL
            )
        )
),

counted AS (
    SELECT
        dated.*,
        last_day.ordinal - dated.decided_ordinal AS elapsed_days
    FROM dated
    LEFT JOIN warehouse.working_day AS last_day ON last_day.day = coalesce(dated.shown_on, dated.seen_on)
)

SELECT
    counted.platform,
    counted.record_type,
    counted.record_id,
    coalesce(owner.section, '') AS section,
    counted.feed,
    counted.document,
    counted.party,
    counted.decision_date,
    counted.due_date,
    coalesce(counted.is_provisional, FALSE) AS is_provisional,
    counted.known_on,
    counted.shown_on,
    counted.elapsed_days,
    CASE
        WHEN counted.due_date IS NULL THEN 'undated'
        WHEN counted.shown_on <= counted.due_date THEN 'on_time'
        WHEN counted.known_on > counted.due_date THEN 'late_at_source'
        WHEN coalesce(counted.shown_on, counted.seen_on) > counted.due_date THEN 'late'
        WHEN counted.elapsed_days >= cast(:alert_after AS int) THEN 'at_risk'
        ELSE 'in_time'
    END AS state,
    CASE
        WHEN counted.shown_on <= counted.due_date THEN NULL
        WHEN counted.known_on > counted.due_date THEN 'entered_late'
        WHEN counted.usable_on IS NULL OR counted.usable_on > counted.due_date THEN 'set_aside'
        WHEN counted.was_rejected THEN 'rejected'
        WHEN counted.is_open THEN 'no_answer'
        ELSE 'not_sent'
    END AS cause,
    CASE
        WHEN counted.shown_on IS NOT NULL THEN NULL
        WHEN counted.usable_on IS NULL THEN 'set_aside'
        WHEN counted.is_open THEN 'no_answer'
        WHEN counted.was_rejected THEN 'rejected'
        ELSE 'not_sent'
    END AS held_by,
    CASE
        WHEN counted.shown_on IS NULL AND counted.seen_on <= counted.due_date
            THEN (counted.due_date + 1 - counted.seen_on) * 24
    END AS hours_left,
    coalesce(counted.elapsed_days >= counted.working_days, FALSE) AS is_late_strictly
FROM counted
LEFT JOIN operation.feed AS owner ON counted.feed = owner.feed
