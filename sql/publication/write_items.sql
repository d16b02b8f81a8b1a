-- Write the items of one record type into their messages, each with the payload it will carry.
--
-- Grain: one row per item. Repeatable: right after write_messages and payloads. Parameters: :platform, :record_type
-- A withdrawal carries what was published last, because the record may have no content any more.

INSERT INTO publication.item (
    platform, number, position, record_type, record_id, operation, reason, natural_key, content_hash, payload, is_linked
)
SELECT
    :platform,
    numbered.number,
    numbered.position,
    :record_type,
    numbered.record_id,
    numbered.operation,
    numbered.reason,
    numbered.natural_key,
    numbered.content_hash,
    coalesce(payloads.payload, last_item.payload),
    numbered.is_linked
FROM numbered
LEFT JOIN payloads ON numbered.record_id = payloads.record_id AND numbered.operation <> 'withdraw'
LEFT JOIN publication.published AS published
    ON
        published.platform = :platform
        AND published.record_type = :record_type
        AND numbered.record_id = published.record_id
        AND numbered.operation = 'withdraw'
LEFT JOIN publication.item AS last_item
    ON
        last_item.platform = :platform
        AND published.number = last_item.number
        AND published.position = last_item.position
WHERE numbered.record_type = :record_type
