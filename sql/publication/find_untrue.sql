-- Name the records of given buckets on which the replayed messages and the published state differ.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :buckets; `sides` was filled before.

WITH replayed AS (
    SELECT * FROM sides
    WHERE side = 'replayed' AND bucket = any(:buckets)
),

published AS (
    SELECT * FROM sides
    WHERE side = 'published' AND bucket = any(:buckets)
)

SELECT
    coalesce(replayed.record_type, published.record_type) AS record_type,
    coalesce(replayed.natural_key, published.natural_key) AS natural_key,
    CASE
        WHEN published.record_id IS NULL THEN 'lost'
        WHEN replayed.record_id IS NULL THEN 'unknown'
        ELSE 'stale'
    END AS finding,
    coalesce(replayed.record_id, published.record_id)::text AS record_id,
    encode(published.content_hash, 'hex') AS known_hash,
    encode(replayed.content_hash, 'hex') AS shown_hash,
    replayed.number,
    replayed.position
FROM replayed
FULL JOIN published
    ON replayed.record_type = published.record_type AND replayed.record_id = published.record_id
WHERE
    replayed.content_hash IS DISTINCT FROM published.content_hash
    OR replayed.natural_key IS DISTINCT FROM published.natural_key
ORDER BY record_type, natural_key
