-- List the rows of a staged batch that say the same of a record as a row before them.
--
-- Grain: one row per repeating row. Repeatable: reads only. Parameters: none

SELECT numbered.row_number
FROM (
    SELECT
        staged.row_number,
        row_number() OVER (
            PARTITION BY staged.record_id, staged.content_hash
            ORDER BY staged.row_number
        ) AS place
    FROM {{ staged }} AS staged
    WHERE staged.record_id IS NOT NULL
) AS numbered
WHERE numbered.place > 1
ORDER BY numbered.row_number
