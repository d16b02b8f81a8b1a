-- Count what became of each row of a batch (law 1), each number on its own.
--
-- Grain: one row. Repeatable: reads only. Parameters: :batch_id, :deletions_held

SELECT
    (
        SELECT count(*) FROM {{ landing }} AS landed
        WHERE landed.batch_id = :batch_id
    ) AS received,
    (SELECT count(*) FROM news) AS accepted,
    (SELECT count(*) FROM set_aside) AS quarantined,
    (
        SELECT count(*) FROM observed
        WHERE NOT EXISTS (
            SELECT FROM news
            WHERE news.record_id = observed.record_id
        )
    )
        AS unchanged,
    (
        SELECT count(*)
        FROM {{ staged }} AS staged
        INNER JOIN observed ON staged.record_id = observed.record_id AND staged.row_number > observed.row_number
        WHERE NOT EXISTS (
            SELECT FROM set_aside
            WHERE set_aside.row_number = staged.row_number
        )
    ) AS duplicate,
    (SELECT count(*) FROM missing) AS ended,
    cast(:deletions_held AS bigint) AS deletions_held
