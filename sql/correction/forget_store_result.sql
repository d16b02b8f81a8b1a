-- Forget what became of a batch's rows when the batch is retracted.
--
-- Grain: one batch. Repeatable: yes. Parameters: :batch_id

DELETE FROM warehouse.store_result AS stored
WHERE stored.batch_id = :batch_id
