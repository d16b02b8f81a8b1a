-- Read which records continue a record and which it continues, as far as known on a date.
--
-- Grain: one row per link. Repeatable: reads only. Parameters: :record_type, :record_id, :known_before (timestamptz)

SELECT
    cast(link.record_id AS text) AS record_id,
    cast(link.successor_id AS text) AS successor_id,
    batch.business_date,
    batch.feed
FROM warehouse.succession AS link
INNER JOIN landing.batch AS batch ON link.batch_id = batch.batch_id
WHERE
    link.record_type = :record_type
    AND cast(:record_id AS uuid) IN (link.record_id, link.successor_id)
    AND batch.known_at < cast(:known_before AS timestamptz)
ORDER BY batch.known_at
