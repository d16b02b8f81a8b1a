-- Find the moment of a feed's latest stored batch.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :feed

SELECT max(batch.known_at) AS known_at
FROM landing.batch AS batch
WHERE batch.feed = :feed AND batch.state = 'stored'
