-- Read the items of one message in their order.
--
-- Grain: one row per item. Repeatable: reads only. Parameters: :platform, :number

SELECT
    item.position,
    item.record_type,
    item.record_id::text AS record_id,
    item.operation,
    item.reason,
    item.natural_key,
    encode(item.content_hash, 'hex') AS content_hash,
    item.payload
FROM publication.item AS item
WHERE item.platform = :platform AND item.number = :number
ORDER BY item.position
