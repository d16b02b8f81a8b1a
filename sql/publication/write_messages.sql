-- Write the messages of a delta down before anything is sent; signatures follow in the same transaction.
--
-- Grain: one row per message. Repeatable: in the transaction that numbered the delta.
-- Parameters: :platform, :business_date
-- The key names the content for ever: number and body, so that it is never used for anything else.

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
    bodies.number,
    :business_date,
    'data',
    bodies.record_type,
    bodies.item_count,
    concat_ws('-', cast(:platform AS text), cast(:business_date AS text), bodies.number, left(bodies.body_hash, 12)),
    bodies.body_hash,
    '',
    '',
    'written'
FROM (
    SELECT
        numbered.number,
        numbered.record_type,
        count(*) AS item_count,
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
        ) AS body_hash
    FROM numbered
    GROUP BY numbered.number, numbered.record_type
) AS bodies
