-- Renew the ledger rows of other nights whose items had no answer yet: what became of them since.
--
-- Grain: one row per night with open items. Repeatable: yes. Parameters: :platform, :business_date
-- Their set hashes stay: they say what was compared on that night, open items left out.

UPDATE publication.platform_ledger AS ledger
SET
    accepted = counted.accepted,
    rejected = counted.rejected,
    open = counted.open
FROM (
    SELECT
        message.business_date,
        count(*) FILTER (WHERE item.state = 'accepted') AS accepted,
        count(*) FILTER (WHERE item.state = 'rejected') AS rejected,
        count(*) FILTER (WHERE item.state = 'open') AS open
    FROM publication.item AS item
    INNER JOIN publication.message AS message
        ON item.platform = message.platform AND item.number = message.number
    WHERE message.platform = :platform
    GROUP BY message.business_date
) AS counted
WHERE
    ledger.platform = :platform
    AND ledger.business_date <> :business_date
    AND ledger.business_date = counted.business_date
    AND ledger.open > 0
