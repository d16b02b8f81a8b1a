-- Open a batch; its checksum and size follow when its rows are landed, in the same transaction.
--
-- Grain: one batch. Repeatable: in its transaction. Parameters: :feed, :record_type, :business_date, :known_at,
-- :origin, :unknown_columns
-- A second reading of one date with other content is known a second later, so that it prevails.

INSERT INTO landing.batch (
    feed, record_type, business_date, known_at, checksum, origin, row_count, unknown_columns, state
)
SELECT
    :feed,
    :record_type,
    :business_date,
    cast(:known_at AS timestamptz) + count(*) * interval '1 second',
    '',
    :origin,
    0,
    :unknown_columns,
    'landed'
FROM landing.batch
WHERE feed = :feed AND business_date = :business_date
RETURNING batch_id, known_at
