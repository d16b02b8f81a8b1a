-- Count the items anew of a night and of those whose items had no answer yet: what became of them since.
--
-- Grain: one row per such night. Repeatable: yes. Parameters: :platform, :business_date
-- The set hashes stay: they say what was compared on that night, open items left out.

UPDATE publication.platform_ledger AS ledger
SET
    message_count = counted.message_count,
    items = counted.items,
    accepted = counted.accepted,
    rejected = counted.rejected,
    open = counted.open
FROM (
    SELECT
        message.business_date,
        count(DISTINCT message.number) AS message_count,
        count(item.number) AS items,
        count(*) FILTER (WHERE item.state = 'accepted') AS accepted,
        count(*) FILTER (WHERE item.state = 'rejected') AS rejected,
        count(*) FILTER (WHERE item.state = 'open') AS open
    FROM publication.message AS message
    LEFT JOIN publication.item AS item
        ON message.platform = item.platform AND message.number = item.number
    INNER JOIN publication.platform_ledger AS night
        ON message.platform = night.platform AND message.business_date = night.business_date
    WHERE message.platform = :platform AND (night.open > 0 OR night.business_date = :business_date)
    GROUP BY message.business_date
) AS counted
WHERE ledger.platform = :platform AND ledger.business_date = counted.business_date
