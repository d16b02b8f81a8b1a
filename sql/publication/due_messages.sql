-- List what a night has to bring to a platform: its own messages, and older ones that are not answered yet.
--
-- Grain: one row per message. Repeatable: reads only. Parameters: :platform, :business_date

SELECT message.number
FROM publication.message AS message
WHERE
    message.platform = :platform
    AND (message.business_date = :business_date OR message.state IN ('written', 'sent', 'unknown'))
ORDER BY message.number
