-- Count what a platform has not answered for, of all its messages, and what its receipts confirmed it to show.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform

SELECT
    count(*) AS open_items,
    count(DISTINCT item.number) AS open_messages,
    (
        SELECT count(*)
        FROM publication.published AS published
        WHERE published.platform = :platform
    ) AS published_count
FROM publication.item AS item
WHERE item.platform = :platform AND item.state = 'open'
