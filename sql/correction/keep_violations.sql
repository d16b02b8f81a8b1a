-- Keep the broken rules of the batches that a correction judges anew.
--
-- Grain: one row per failing (row, rule). Repeatable: yes, the first kept stays. Parameters: :correction_id, :batches

INSERT INTO operation.correction_violation (correction_id, batch_id, row_number, rule_code)
SELECT
    :correction_id,
    violation.batch_id,
    violation.row_number,
    violation.rule_code
FROM quality.violation AS violation
WHERE violation.batch_id = any(:batches)
ON CONFLICT (correction_id, batch_id, row_number, rule_code) DO NOTHING
