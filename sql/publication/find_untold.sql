-- Name the records of given buckets on which the desired and the published state differ although all was answered.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :buckets; `sides` was filled before.

WITH desired AS (
    SELECT * FROM sides
    WHERE side = 'desired' AND bucket = any(:buckets)
),

published AS (
    SELECT * FROM sides
    WHERE side = 'published' AND bucket = any(:buckets)
)

SELECT
    coalesce(desired.record_type, published.record_type) AS record_type,
    coalesce(desired.natural_key, published.natural_key) AS natural_key,
    CASE
        WHEN published.record_id IS NULL THEN 'to_add'
        WHEN desired.record_id IS NULL THEN 'to_withdraw'
        ELSE 'to_update'
    END AS finding,
    coalesce(desired.record_id, published.record_id)::text AS record_id,
    encode(published.content_hash, 'hex') AS known_hash,
    encode(desired.content_hash, 'hex') AS shown_hash,
    published.number,
    published.position
FROM desired
FULL JOIN published
    ON desired.record_type = published.record_type AND desired.record_id = published.record_id
WHERE
    desired.content_hash IS DISTINCT FROM published.content_hash
    OR desired.natural_key IS DISTINCT FROM published.natural_key
ORDER BY record_type, natural_key
