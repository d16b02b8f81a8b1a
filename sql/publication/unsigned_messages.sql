-- List the messages of a platform that are written but not chained and signed yet, and the hash they follow.
--
-- Grain: one row per message. Repeatable: reads only. Parameters: :platform

SELECT
    message.number,
    message.business_date,
    message.kind,
    coalesce(
        (
            SELECT earlier.signature
            FROM publication.message AS earlier
            WHERE earlier.platform = :platform AND earlier.signature <> ''
            ORDER BY earlier.number DESC
            LIMIT 1
        ),
        ''
    ) AS follows
FROM publication.message AS message
WHERE message.platform = :platform AND message.signature = ''
ORDER BY message.number
