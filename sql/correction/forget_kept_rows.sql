-- Forget what some corrections have kept of some rows of a batch.
--
-- Grain: one row per failing (row, rule) and correction. Repeatable: yes. Parameters: :later, :batch_id, :rows

DELETE FROM operation.correction_violation AS kept
WHERE kept.correction_id = any(:later) AND kept.batch_id = :batch_id AND kept.row_number = any(:rows)
