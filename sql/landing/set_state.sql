-- Move a batch on.
--
-- Grain: one batch. Repeatable: yes. Parameters: :batch_id, :state

UPDATE landing.batch
SET state = :state
WHERE batch_id = :batch_id
