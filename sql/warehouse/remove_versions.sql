-- Take back what a batch had said, before it is stored anew.
--
-- Grain: the versions of one batch. Repeatable: yes. Parameters: :batch_id

DELETE FROM {{ history }} AS version
WHERE version.batch_id = :batch_id
