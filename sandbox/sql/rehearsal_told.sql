-- List what every platform was told, and what became of it.
--
-- Grain: one row per item, in the order of the messages. Repeatable: reads only. Parameters: none.

SELECT
    item.platform,
    cast(message.business_date AS text) AS business_date,
    item.record_type,
    item.natural_key,
    item.operation,
    item.reason,
    item.state
FROM publication.item AS item
INNER JOIN publication.message AS message ON item.platform = message.platform AND item.number = message.number
ORDER BY item.platform, item.number, item.position
