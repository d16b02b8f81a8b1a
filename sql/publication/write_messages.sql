-- Write the messages of a delta down before anything is sent; signatures follow in the same transaction.
--
-- Grain: one row per message. Repeatable: in the transaction that numbered the delta.
-- Parameters: :platform, :business_date
-- The key names the content for ever: number and, once it is signed, body, so that it is never used for anything else.

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
    '',
    '',
    '',
    'written'
FROM numbered
GROUP BY numbered.number, numbered.record_type
