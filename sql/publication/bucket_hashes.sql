-- Hash the three states of a platform per bucket of subjects, as sets.
--
-- Grain: one row per bucket and side. Repeatable: reads only. Parameters: none; `sides` was filled before.

SELECT
    hashed.bucket,
    hashed.side,
    count(*) AS record_count,
    concat_ws(
        '-',
        count(*),
        sum(publication.hash_number(hashed.digest, 1)),
        sum(publication.hash_number(hashed.digest, 16))
    ) AS set_hash
FROM (
    SELECT
        sides.bucket,
        sides.side,
        sha256(
            convert_to(concat_ws('|', sides.record_type, sides.record_id, sides.natural_key), 'UTF8')
            || sides.content_hash
        ) AS digest
    FROM sides
    WHERE sides.side <> 'unfit'
) AS hashed
GROUP BY hashed.bucket, hashed.side
ORDER BY hashed.bucket, hashed.side
