-- Note on which day the rows of a batch were dropped.
--
-- Grain: one batch. Repeatable: yes. Parameters: :batch_id, :dropped_on

UPDATE landing.batch
SET dropped_on = :dropped_on
WHERE batch_id = :batch_id
