-- Give a date its own batch with the content of an earlier one.
--
-- Grain: one batch. Repeatable: in its transaction. Parameters: :batch_id, :business_date, :known_at

INSERT INTO landing.batch (
    feed, record_type, business_date, known_at, checksum, origin, row_count, unknown_columns, state
)
SELECT
    feed,
    record_type,
    :business_date,
    :known_at,
    checksum,
    origin,
    row_count,
    unknown_columns,
    state
FROM landing.batch
WHERE batch_id = :batch_id
RETURNING batch_id
