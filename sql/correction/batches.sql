-- List the batches of a feed, the newest first, with what became of their rows and the nights that delivered them.
--
-- Grain: one row per batch. Repeatable: reads only. Parameters: :feed, :most

SELECT
    batch.batch_id,
    batch.business_date,
    batch.origin,
    batch.state,
    batch.row_count,
    stored.accepted,
    stored.quarantined,
    stored.ended,
    (
        SELECT count(*)
        FROM operation.intake AS intake
        WHERE intake.batch_id = batch.batch_id
    ) AS nights
FROM landing.batch AS batch
LEFT JOIN warehouse.store_result AS stored ON batch.batch_id = stored.batch_id
WHERE batch.feed = :feed
ORDER BY batch.known_at DESC
LIMIT :most
