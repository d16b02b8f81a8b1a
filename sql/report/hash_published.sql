-- Hash what a platform is known to show, as a set.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform

SELECT
    count(*) AS row_count,
    concat_ws(
        '-', count(*), sum(publication.hash_number(digest, 1)), sum(publication.hash_number(digest, 16))
    ) AS set_hash
FROM (
    SELECT
        sha256(
            convert_to(concat_ws('|', published.record_type, published.record_id, published.natural_key), 'UTF8')
            || published.content_hash
        ) AS digest
    FROM publication.published AS published
    WHERE published.platform = :platform
) AS hashed
