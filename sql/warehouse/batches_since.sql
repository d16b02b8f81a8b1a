-- List the stored batches of a feed that are known at a moment or later, in their order.
--
-- Grain: one row per batch. Repeatable: reads only. Parameters: :feed, :since

SELECT batch.batch_id
FROM landing.batch AS batch
WHERE batch.feed = :feed AND batch.known_at >= :since AND batch.state = 'stored'
ORDER BY batch.known_at
