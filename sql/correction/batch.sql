-- Read a batch of a feed.
--
-- Grain: at most one row. Repeatable: reads only. Parameters: :feed, :batch_id

SELECT
    batch.batch_id,
    batch.business_date,
    batch.known_at,
    batch.state
FROM landing.batch AS batch
WHERE batch.feed = :feed AND batch.batch_id = :batch_id
