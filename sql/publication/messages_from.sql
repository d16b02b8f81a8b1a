-- List the messages of a platform from a number on, in their order.
--
-- Grain: one row per message. Repeatable: reads only. Parameters: :platform, :first, :last (NULL: to the end)

SELECT
    message.platform,
    message.number,
    cast(message.business_date AS text) AS business_date,
    message.kind,
    message.record_type,
    message.item_count,
    message.idempotency_key,
    message.form,
    message.algorithm,
    message.body_hash,
    message.previous_hash,
    message.signature,
    message.state
FROM publication.message AS message
WHERE
    message.platform = :platform
    AND message.number >= :first
    AND message.number <= coalesce(cast(:last AS bigint), message.number)
ORDER BY message.number
