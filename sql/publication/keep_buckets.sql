-- Keep the bucket hashes of a platform and night.
--
-- Grain: one row per bucket and side. Repeatable: after forget_buckets. Parameters: :platform, :business_date, :hashes

INSERT INTO publication.bucket_hash (business_date, platform, bucket, side, record_count, set_hash)
SELECT
    :business_date,
    :platform,
    hash.bucket,
    hash.side,
    hash.record_count,
    hash.set_hash
FROM
    jsonb_to_recordset(cast(:hashes AS jsonb))
        AS hash (
            bucket int, side text, record_count bigint, set_hash text
        )
