-- Find the moment at which the first of some batches was known.
--
-- Grain: one row. Repeatable: reads only. Parameters: :batches

SELECT min(batch.known_at) AS known_at
FROM landing.batch AS batch
WHERE batch.batch_id = any(:batches)
