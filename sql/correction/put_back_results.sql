-- Put back what came of each rule for a batch before a correction judged it anew.
--
-- Grain: one row per rule. Repeatable: after quality/forget_verdicts. Parameters: :correction_id, :batch_id

INSERT INTO quality.rule_result
SELECT result.*
FROM operation.correction_judged AS kept
CROSS JOIN LATERAL jsonb_populate_recordset(cast(NULL AS quality.rule_result), kept.rule_results) AS result
WHERE kept.correction_id = :correction_id AND kept.batch_id = :batch_id
