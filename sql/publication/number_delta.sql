-- Give every item of a delta its message and its place: withdrawals first, each message of one record type.
--
-- Grain: one row per item. Repeatable: temporary, dropped with the transaction. Parameters: :platform, :batch_size

CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
WITH latest AS (
    SELECT coalesce(max(message.number), 0) AS number
    FROM publication.message AS message
    WHERE message.platform = :platform
)

SELECT
    placed.record_type,
    placed.record_id,
    placed.operation,
    placed.reason,
    placed.natural_key,
    placed.content_hash,
    placed.is_linked,
    latest.number + dense_rank() OVER (
        ORDER BY placed.is_withdrawal DESC, placed.record_type ASC, placed.place / :batch_size
    ) AS number,
    placed.place % :batch_size + 1 AS position
FROM (
    SELECT
        delta.*,
        delta.operation = 'withdraw' AS is_withdrawal,
        row_number() OVER (
            PARTITION BY delta.record_type, delta.operation = 'withdraw' ORDER BY delta.natural_key, delta.record_id
        ) - 1 AS place
    FROM delta
) AS placed
CROSS JOIN latest
