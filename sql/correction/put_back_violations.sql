-- Put back the broken rules of a batch as they were before a correction judged it anew.
--
-- Grain: one row per failing (row, rule). Repeatable: after forgetting the batch's verdicts.
-- Parameters: :correction_id, :batch_id

INSERT INTO quality.violation (batch_id, row_number, rule_code)
SELECT
    kept.batch_id,
    kept.row_number,
    kept.rule_code
FROM operation.correction_violation AS kept
WHERE kept.correction_id = :correction_id AND kept.batch_id = :batch_id
