-- Read which rules a row broke, and how many were applied to its batch.
--
-- Grain: one row per broken rule. Repeatable: reads only. Parameters: :batch_id, :row_number

SELECT
    rule.rule_code,
    rule.severity,
    rule.says,
    rule.basis
FROM quality.violation AS violation
INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
WHERE violation.batch_id = :batch_id AND violation.row_number = :row_number
ORDER BY rule.rule_code
