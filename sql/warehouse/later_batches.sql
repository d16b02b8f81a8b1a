-- List the stored batches of a feed that are known after a moment, in their order.
--
-- Grain: one row per batch. Repeatable: reads only. Parameters: :feed, :known_at

SELECT batch.batch_id
FROM landing.batch AS batch
WHERE batch.feed = :feed AND batch.known_at > :known_at AND batch.state = 'stored'
ORDER BY batch.known_at
