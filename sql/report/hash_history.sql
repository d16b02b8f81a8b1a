-- Hash a record type's whole history as a set: order, run and surrogate numbers of batches play no part.
--
-- Grain: one row. Repeatable: reads only. Parameters: none.

SELECT
    count(*) AS row_count,
    concat_ws(
        '-', count(*), sum(publication.hash_number(digest, 1)), sum(publication.hash_number(digest, 16))
    ) AS set_hash
FROM (
    SELECT
        sha256(
            convert_to(
                concat_ws(
                    '|',
                    version.record_id,
                    version.feed,
                    batch.business_date,
                    extract(EPOCH FROM version.known_at),
                    version.row_number,
                    version.subject_id,
                    version.source_id,
                    extract(EPOCH FROM version.source_at),
                    extract(EPOCH FROM version.valid_from),
                    coalesce(extract(EPOCH FROM version.valid_to)::text, 'open'),
                    version.ending,
                    version.ending_reason
                ),
                'UTF8'
            )
            || version.content_hash
        ) AS digest
    FROM {{ history }} AS version
    INNER JOIN landing.batch AS batch ON version.batch_id = batch.batch_id
) AS hashed
