-- Take what a platform confirmed to show into the published state; an older message never replaces a newer one.
--
-- Grain: the accepted items of one message. Repeatable: yes. Parameters: :platform, :number

INSERT INTO publication.published AS published (
    platform, record_type, record_id, natural_key, content_hash, number, position
)
SELECT
    item.platform,
    item.record_type,
    item.record_id,
    item.natural_key,
    item.content_hash,
    item.number,
    item.position
FROM publication.item AS item
WHERE
    item.platform = :platform
    AND item.number = :number
    AND item.state = 'accepted'
    AND item.operation <> 'withdraw'
    AND NOT EXISTS (
        SELECT FROM publication.item AS later
        WHERE
            later.platform = item.platform
            AND later.record_id = item.record_id
            AND later.record_type = item.record_type
            AND later.natural_key = item.natural_key
            AND later.number > item.number
            AND later.state = 'accepted'
    )
ON CONFLICT (platform, record_type, record_id, natural_key) DO UPDATE
    SET
        content_hash = excluded.content_hash,
        number = excluded.number,
        position = excluded.position
    WHERE published.number < excluded.number
