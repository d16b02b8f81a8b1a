-- Write the messages of a delta down before anything is sent; signatures follow in the same transaction.
--
-- Grain: one row per message. Repeatable: in the transaction that numbered the delta.
-- Parameters: :platform, :business_date

INSERT INTO publication.message (
    platform,
    number,
    business_date,
    kind,
    record_type,
    item_count,
    idempotency_key,
    body_hash,
    previous_hash,
    signature,
    state
)
SELECT
    :platform,
    numbered.number,
    :business_date,
    'data',
    numbered.record_type,
    count(*),
    concat_ws('-', cast(:platform AS text), cast(:business_date AS text), numbered.number),
    encode(
        sha256(
            convert_to(
                string_agg(
                    concat_ws(
                        '|',
                        numbered.position,
                        numbered.record_id,
                        numbered.operation,
                        numbered.reason,
                        numbered.natural_key,
                        encode(numbered.content_hash, 'hex')
                    ),
                    E'\n' ORDER BY numbered.position
                ),
                'UTF8'
            )
        ),
        'hex'
    ),
    '',
    '',
    'written'
FROM numbered
GROUP BY numbered.number, numbered.record_type
