-- List the rows of a batch that break a critical rule.
--
-- Grain: one row per landed row. Repeatable: temporary, dropped with the transaction. Parameters: :batch_id

CREATE TEMPORARY TABLE set_aside ON COMMIT DROP AS
SELECT
    violation.row_number,
    array_agg(violation.rule_code ORDER BY violation.rule_code) AS rule_codes
FROM quality.violation AS violation
INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
WHERE violation.batch_id = :batch_id AND rule.severity = 'critical'
GROUP BY violation.row_number
