-- List the rows of a batch that break a critical rule, without those whose content a person has released.
--
-- Grain: one row per landed row. Repeatable: temporary, dropped with the transaction. Parameters: :batch_id
-- A release covers the rules that were broken when it was given, and batches known from then on. The few releases
-- are joined first, once, because asking for them row by row reads the staged batch again for every broken row.

CREATE TEMPORARY TABLE set_aside ON COMMIT DROP AS
WITH released AS MATERIALIZED (
    SELECT
        staged.row_number,
        decision.rule_codes
    FROM landing.batch AS batch
    INNER JOIN quality.decision AS decision
        ON batch.feed = decision.feed AND batch.known_at >= decision.since AND decision.act = 'released'
    INNER JOIN {{ staged }} AS staged
        ON decision.record_id = staged.record_id AND decision.content_hash = staged.content_hash
    WHERE batch.batch_id = :batch_id
),

broken AS (
    SELECT
        violation.row_number,
        array_agg(violation.rule_code ORDER BY violation.rule_code) AS rule_codes
    FROM quality.violation AS violation
    INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
    WHERE violation.batch_id = :batch_id AND rule.severity = 'critical'
    GROUP BY violation.row_number
)

SELECT
    broken.row_number,
    broken.rule_codes
FROM broken
WHERE NOT EXISTS (
    SELECT FROM released
    WHERE released.row_number = broken.row_number AND released.rule_codes @> broken.rule_codes
)
