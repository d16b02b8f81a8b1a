-- Read what the platforms were told about one record and what they answered.
--
-- Grain: one row per item. Repeatable: reads only. Parameters: :record_id

SELECT
    item.platform,
    item.number,
    item.position,
    message.business_date,
    message.idempotency_key,
    message.state AS message_state,
    item.operation,
    item.reason,
    item.state,
    item.answered_on,
    item.error_code,
    item.error_field,
    item.error_text,
    published.number IS NOT NULL AS is_shown
FROM publication.item AS item
INNER JOIN publication.message AS message ON item.platform = message.platform AND item.number = message.number
LEFT JOIN publication.published AS published
    ON
        item.platform = published.platform
        AND item.record_id = published.record_id
        AND item.number = published.number
        AND item.position = published.position
WHERE item.record_id::text = :record_id
ORDER BY item.platform, item.number
