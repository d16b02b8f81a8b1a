-- Copy the broken rules of a batch into another one with the same rows.
--
-- Grain: one row per failing (row, rule). Repeatable: in its transaction. Parameters: :batch_id, :copy_id

INSERT INTO quality.violation (batch_id, row_number, rule_code)
SELECT
    :copy_id,
    row_number,
    rule_code
FROM quality.violation
WHERE batch_id = :batch_id
