-- Write the checksum and the size of a batch whose rows are landed.
--
-- Grain: one batch. Repeatable: yes. Parameters: :batch_id, :checksum, :row_count

UPDATE landing.batch
SET checksum = :checksum, row_count = :row_count
WHERE batch_id = :batch_id
