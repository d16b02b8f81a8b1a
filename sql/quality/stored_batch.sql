-- The latest stored batch of a feed, if the staged table still holds its rows and not those of a refused one.
--
-- Grain: at most one row. Repeatable: reads only. Parameters: :feed, :business_date

SELECT latest.batch_id
FROM (
    SELECT batch_id
    FROM landing.batch
    WHERE feed = :feed AND state = 'stored' AND business_date <= :business_date
    ORDER BY known_at DESC, batch_id DESC
    LIMIT 1
) AS latest
WHERE EXISTS (
    SELECT FROM {{ staged }} AS staged
    WHERE staged.batch_id = latest.batch_id
)
