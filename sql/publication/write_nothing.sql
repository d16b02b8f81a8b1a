-- Write the explicit "nothing to report" of a quiet day, unless the platform has a message of that day already.
--
-- Grain: at most one message. Repeatable: yes. Parameters: :platform, :business_date

INSERT INTO publication.message (
    platform,
    number,
    business_date,
    kind,
    item_count,
    idempotency_key,
    body_hash,
    previous_hash,
    signature,
    state
)
SELECT
    :platform,
    latest.number + 1,
    :business_date,
    'nothing_to_report',
    0,
    concat_ws('-', cast(:platform AS text), cast(:business_date AS text), latest.number + 1),
    '',
    '',
    '',
    'written'
FROM (
    SELECT coalesce(max(message.number), 0) AS number
    FROM publication.message AS message
    WHERE message.platform = :platform
) AS latest
WHERE NOT EXISTS (
    SELECT FROM publication.message AS message
    WHERE message.platform = :platform AND message.business_date = :business_date
)
