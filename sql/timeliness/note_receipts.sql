-- Write down the night in which a platform was first known to show a record; it never changes afterwards.
--
-- Grain: one row per platform and record. Repeatable: yes. Parameters: :platform, :business_date

INSERT INTO publication.first_receipt (platform, record_type, record_id, business_date)
SELECT DISTINCT
    item.platform,
    item.record_type,
    item.record_id,
    cast(:business_date AS date)
FROM publication.item AS item
INNER JOIN publication.message AS message ON item.platform = message.platform AND item.number = message.number
WHERE
    item.platform = :platform
    AND item.state = 'accepted'
    AND item.operation <> 'withdraw'
    AND message.business_date <= :business_date
ON CONFLICT (platform, record_type, record_id) DO NOTHING
