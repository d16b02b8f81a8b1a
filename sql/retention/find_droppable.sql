-- List the batches of a feed whose rows nothing needs any more.
--
-- Grain: one row per batch. Repeatable: reads only. Parameters: :feed, :before
-- Kept are: what is younger, the latest batch that is stored, batches that are not finished, those that a younger
-- intake was the same as, and those that a row in quarantine still stands in.

SELECT
    batch.batch_id,
    batch.business_date,
    batch.row_count
FROM landing.batch AS batch
WHERE
    batch.feed = :feed
    AND batch.dropped_on IS NULL
    AND batch.business_date < :before
    AND batch.state IN ('stored', 'refused', 'retracted')
    AND batch.known_at < (
        SELECT max(latest.known_at)
        FROM landing.batch AS latest
        WHERE latest.feed = :feed AND latest.state = 'stored'
    )
    AND NOT EXISTS (
        SELECT FROM operation.intake AS intake
        WHERE intake.batch_id = batch.batch_id AND intake.business_date >= :before
    )
    AND NOT EXISTS (
        SELECT FROM quality.quarantine AS entry
        WHERE
            entry.feed = :feed
            AND entry.state IN ('open', 'waived')
            AND batch.batch_id IN (entry.first_batch_id, entry.last_batch_id)
    )
ORDER BY batch.known_at
