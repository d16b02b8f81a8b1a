-- Find the batch of a feed that stands right before a moment in the order of knowledge.
--
-- Grain: one batch or none. Repeatable: reads only. Parameters: :feed, :known_at

SELECT
    batch_id,
    checksum
FROM landing.batch
WHERE feed = :feed AND known_at < :known_at
ORDER BY known_at DESC
LIMIT 1
