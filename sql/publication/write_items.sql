-- Write the items of one record type into their messages, each with the payload it will carry.
--
-- Grain: one row per item. Repeatable: right after write_messages and payloads. Parameters: :platform, :record_type
-- A withdrawal carries what was published last, because the record may have no content any more; it is looked up.

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
LEFT JOIN LATERAL (
    SELECT item.payload
    FROM publication.published AS published
    INNER JOIN publication.item AS item
        ON published.platform = item.platform AND published.number = item.number AND published.position = item.position
    WHERE
        numbered.operation = 'withdraw'
        AND published.platform = :platform
        AND published.record_type = :record_type
        AND published.record_id = numbered.record_id
        AND published.natural_key = numbered.natural_key
    OFFSET bigint '0'
) AS last_item ON TRUE
WHERE numbered.record_type = :record_type
