-- Give a date its own batch with the content of an earlier one, known as the first reading of its date is.
--
-- Grain: one batch. Repeatable: in its transaction. Parameters: :batch_id, :business_date

INSERT INTO landing.batch (
    feed, record_type, business_date, known_at, checksum, origin, row_count, unknown_columns, state
)
SELECT
    batch.feed,
    batch.record_type,
    :business_date,
    (
        SELECT min(reading.known_at) FROM landing.batch AS reading
        WHERE reading.feed = batch.feed AND reading.business_date = batch.business_date
    ) + make_interval(hours => 24 * (:business_date - batch.business_date)),
    batch.checksum,
    batch.origin,
    batch.row_count,
    batch.unknown_columns,
    batch.state
FROM landing.batch AS batch
WHERE batch.batch_id = :batch_id
RETURNING batch_id
