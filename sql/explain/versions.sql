-- Read the versions of one record with the batch each came from.
--
-- Grain: one row per version. Repeatable: reads only. Parameters: :record_id

SELECT
    version.batch_id,
    version.row_number,
    version.feed,
    version.subject_id::text AS subject_id,
    version.source_id,
    version.source_at,
    version.known_at,
    version.valid_from,
    version.valid_to,
    version.ending,
    version.ending_reason,
    encode(version.content_hash, 'hex') AS content_hash,
    batch.business_date,
    batch.origin,
    batch.checksum,
    to_jsonb(version) AS content
FROM {{ history }} AS version
INNER JOIN landing.batch AS batch ON version.batch_id = batch.batch_id
WHERE version.record_id::text = :record_id
ORDER BY version.source_at, version.known_at, version.batch_id
