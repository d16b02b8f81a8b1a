-- Copy what came of each rule for a batch into another one with the same rows.
--
-- Grain: one row per rule. Repeatable: in its transaction. Parameters: :batch_id, :copy_id

INSERT INTO quality.rule_result (batch_id, rule_code, state, applied_count, failed_count, message)
SELECT
    :copy_id,
    rule_code,
    state,
    applied_count,
    failed_count,
    message
FROM quality.rule_result
WHERE batch_id = :batch_id
