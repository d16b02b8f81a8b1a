-- Keep which records a correction changed, and what their live versions said.
--
-- Grain: one row per record. Repeatable: in its transaction. Parameters: :correction_id

INSERT INTO operation.correction_change (correction_id, record_id, operation, before, after)
SELECT
    :correction_id,
    changed.record_id,
    changed.operation,
    changed.before,
    changed.after
FROM correction_changes AS changed
