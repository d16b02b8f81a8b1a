-- Take back which records a batch had linked, before it is stored anew.
--
-- Grain: the links of one batch. Repeatable: yes. Parameters: :batch_id

DELETE FROM warehouse.succession
WHERE batch_id = :batch_id
