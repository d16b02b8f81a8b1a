-- Find the moment of the first stored batch of a feed for a business date or later.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :feed, :business_date (may be NULL)

SELECT min(batch.known_at) AS known_at
FROM landing.batch AS batch
WHERE
    batch.feed = :feed
    AND batch.state = 'stored'
    AND (cast(:business_date AS date) IS NULL OR batch.business_date >= :business_date)
