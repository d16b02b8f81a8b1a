-- Name the records of given buckets on which another side, desired or replayed, differs from the published state.
--
-- Grain: one row per record and natural key. Repeatable: reads only.
-- Parameters: :side, :buckets, :lacking, :surplus, :other (the three findings); `sides` was filled before.

WITH held_against AS (
    SELECT * FROM sides
    WHERE side = :side AND bucket = any(:buckets)
),

published AS (
    SELECT * FROM sides
    WHERE side = 'published' AND bucket = any(:buckets)
)

SELECT
    coalesce(held_against.record_type, published.record_type) AS record_type,
    coalesce(held_against.natural_key, published.natural_key) AS natural_key,
    CASE
        WHEN published.record_id IS NULL THEN cast(:lacking AS text)
        WHEN held_against.record_id IS NULL THEN cast(:surplus AS text)
        ELSE cast(:other AS text)
    END AS finding,
    cast(coalesce(held_against.record_id, published.record_id) AS text) AS record_id,
    encode(published.content_hash, 'hex') AS known_hash,
    encode(held_against.content_hash, 'hex') AS shown_hash,
    CASE WHEN :side = 'replayed' THEN held_against.number ELSE published.number END AS number,
    CASE WHEN :side = 'replayed' THEN held_against.position ELSE published.position END AS position
FROM held_against
FULL JOIN published
    ON
        held_against.record_type = published.record_type
        AND held_against.record_id = published.record_id
        AND held_against.natural_key = published.natural_key
WHERE held_against.content_hash IS DISTINCT FROM published.content_hash
ORDER BY record_type, natural_key
