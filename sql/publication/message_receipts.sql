-- Read what became of the items of one message, in their order.
--
-- Grain: one row per item. Repeatable: reads only. Parameters: :platform, :number

SELECT
    item.position,
    item.state,
    item.error_code,
    item.error_field,
    item.error_text,
    item.answered_on::text AS answered_on
FROM publication.item AS item
WHERE item.platform = :platform AND item.number = :number
ORDER BY item.position
