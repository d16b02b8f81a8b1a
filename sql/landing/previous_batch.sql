-- Find the batch of a feed that stands right before a moment in the order of knowledge.
--
-- Grain: one batch or none. Repeatable: reads only. Parameters: :feed, :known_at
-- A batch that a person retracted still counts: its content, delivered again, is that batch and stays out. Readings
-- that were rolled back do not: what they read may come again.

SELECT
    batch.batch_id,
    batch.checksum
FROM landing.batch AS batch
WHERE
    batch.feed = :feed
    AND batch.known_at < :known_at
    AND (
        batch.state <> 'retracted'
        OR EXISTS (
            SELECT FROM operation.correction AS correction
            WHERE
                correction.kind = 'retract'
                AND correction.state = 'applied'
                AND cast(correction.parameters ->> 'batch_id' AS bigint) = batch.batch_id
        )
    )
ORDER BY batch.known_at DESC
LIMIT 1
