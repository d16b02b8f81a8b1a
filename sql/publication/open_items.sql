-- Count the items of a message that have no answer yet.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform, :number

SELECT count(*)
FROM publication.item AS item
WHERE item.platform = :platform AND item.number = :number AND item.state = 'open'
