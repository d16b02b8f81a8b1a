-- List what a platform has taken.
--
-- Grain: one row per accepted item. Repeatable: reads only. Parameters: :platform

SELECT
    item.number,
    item.position
FROM publication.item AS item
WHERE item.platform = :platform AND item.state = 'accepted'
