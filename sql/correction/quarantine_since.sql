-- Find the moment from which a feed is stored again when batches are retracted.
--
-- Grain: one row. Repeatable: reads only. Parameters: :feed, :batches
-- It is the first of these batches, or the first sight of a quarantine entry that one of the batches from there on saw
-- or closed: what was known of the entry before can only be told by storing it again.

WITH retracted AS (
    SELECT min(batch.known_at) AS known_at
    FROM landing.batch AS batch
    WHERE batch.batch_id = any(:batches)
)

SELECT least(retracted.known_at, min(first_seen.known_at)) AS known_at
FROM retracted
LEFT JOIN quality.quarantine AS entry
    ON
        entry.feed = :feed
        AND EXISTS (
            SELECT FROM landing.batch AS sight
            WHERE
                (sight.batch_id = entry.last_batch_id OR sight.batch_id = entry.closed_by_batch_id)
                AND sight.known_at >= retracted.known_at
        )
LEFT JOIN landing.batch AS first_seen ON entry.first_batch_id = first_seen.batch_id
GROUP BY retracted.known_at
