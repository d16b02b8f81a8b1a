-- List what the rules still say of restated rows.
--
-- Grain: one row per restatement and broken rule; a restatement that breaks none has one row without a rule, one that
-- met with another content none. Repeatable: reads only. Parameters: :batch_id, :restatements (their ids)

SELECT DISTINCT
    seen.restatement_id,
    rule.rule_code,
    rule.severity,
    rule.says
FROM quality.restatement_seen AS seen
INNER JOIN {{ staged }} AS staged ON seen.content_hash = staged.content_hash
LEFT JOIN quality.violation AS violation
    ON violation.batch_id = :batch_id AND staged.row_number = violation.row_number
LEFT JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code AND rule.severity <> 'info'
WHERE seen.batch_id = :batch_id AND seen.restatement_id = any(:restatements) AND seen.is_applied
ORDER BY seen.restatement_id, rule.rule_code
