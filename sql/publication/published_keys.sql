-- List what a platform is known to show of one record type.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :platform, :record_type

SELECT
    published.natural_key,
    encode(published.content_hash, 'hex') AS content_hash
FROM publication.published AS published
WHERE published.platform = :platform AND published.record_type = :record_type
