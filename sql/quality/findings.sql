-- List every rule that the rows of a batch break, with the sentence for the clerk.
--
-- Grain: one row per failing (row, rule). Repeatable: reads only. Parameters: :batch_id

SELECT
    violation.row_number,
    violation.rule_code,
    rule.severity,
    rule.says,
    rule.field,
    {{ document }} AS document
FROM quality.violation AS violation
INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
INNER JOIN {{ staged }} AS staged ON violation.row_number = staged.row_number
WHERE violation.batch_id = :batch_id
ORDER BY violation.row_number, violation.rule_code
