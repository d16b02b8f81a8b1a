-- Read one batch.
--
-- Grain: one batch. Repeatable: reads only. Parameters: :batch_id

SELECT
    batch_id,
    feed,
    record_type,
    business_date,
    known_at,
    row_count,
    state,
    origin,
    checksum,
    unknown_columns
FROM landing.batch
WHERE batch_id = :batch_id
