-- Say when the rows of a batch were dropped, if they were.
--
-- Grain: one batch. Repeatable: reads only. Parameters: :batch_id

SELECT
    feed,
    dropped_on
FROM landing.batch
WHERE batch_id = :batch_id
