-- Read one message.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform, :number

SELECT
    message.platform,
    message.number,
    message.business_date,
    message.kind,
    message.record_type,
    message.idempotency_key,
    message.state
FROM publication.message AS message
WHERE message.platform = :platform AND message.number = :number
