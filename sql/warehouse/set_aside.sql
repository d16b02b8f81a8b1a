-- List the rows of a batch that break a critical rule, without those whose content a person has released.
--
-- Grain: one row per landed row. Repeatable: temporary, dropped with the transaction. Parameters: :batch_id
-- A release covers the rules that were broken when it was given, and batches known from then on.

CREATE TEMPORARY TABLE set_aside ON COMMIT DROP AS
SELECT
    broken.row_number,
    broken.rule_codes
FROM (
    SELECT
        violation.row_number,
        array_agg(violation.rule_code ORDER BY violation.rule_code) AS rule_codes
    FROM quality.violation AS violation
    INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
    WHERE violation.batch_id = :batch_id AND rule.severity = 'critical'
    GROUP BY violation.row_number
) AS broken
INNER JOIN landing.batch AS batch ON batch.batch_id = :batch_id
WHERE NOT EXISTS (
    SELECT FROM quality.decision AS decision
    INNER JOIN {{ staged }} AS staged
        ON decision.record_id = staged.record_id AND decision.content_hash = staged.content_hash
    WHERE
        decision.feed = batch.feed
        AND decision.act = 'released'
        AND decision.since <= batch.known_at
        AND decision.rule_codes @> broken.rule_codes
        AND staged.row_number = broken.row_number
)
