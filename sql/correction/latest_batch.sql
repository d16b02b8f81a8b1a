-- Find the latest stored batch of a feed.
--
-- Grain: at most one row. Repeatable: reads only. Parameters: :feed

SELECT
    batch.batch_id,
    batch.known_at
FROM landing.batch AS batch
WHERE batch.feed = :feed AND batch.state = 'stored'
ORDER BY batch.known_at DESC
LIMIT 1
