-- Lay a platform's three states side by side: what should be shown, what receipts confirmed, and what all messages
-- give when they are replayed onto nothing.
--
-- Grain: one row per side, record and natural key. Repeatable: temporary, dropped with the transaction.
-- Parameters: :platform
-- A fourth side, `unfit`, holds what the gate clears and the platform cannot take: lengths, words, required columns.
-- Left out on the other sides: records the platform has not answered for, keys under which it rejected the record, and
-- those that a repair corrected and no message has told since.
-- The linter cannot read the statement, which PostgreSQL can.

CREATE TEMPORARY TABLE sides ON COMMIT DROP AS  -- noqa: PRS
WITH latest AS (
    SELECT DISTINCT ON (item.record_type, item.record_id, item.natural_key)
        item.record_type,
        item.record_id,
        item.natural_key,
        item.number,
        item.state
    FROM publication.item AS item
    WHERE item.platform = :platform
    ORDER BY item.record_type ASC, item.record_id ASC, item.natural_key ASC, item.number DESC, item.position DESC
),

unsettled AS (
    SELECT
        latest.record_type,
        latest.record_id,
        latest.natural_key,
        latest.state
    FROM latest
    WHERE
        latest.state <> 'accepted'
        OR EXISTS (
            SELECT FROM publication.repair AS repair
            WHERE
                repair.platform = :platform
                AND repair.record_type = latest.record_type
                AND repair.record_id = latest.record_id
                AND repair.natural_key = latest.natural_key
                AND repair.state = 'applied'
                AND repair.applied_after >= latest.number
        )
),

confirmed AS (
    SELECT DISTINCT ON (item.record_type, item.record_id, item.natural_key)
        item.record_type,
        item.record_id,
        item.operation,
        item.natural_key,
        item.content_hash,
        item.number,
        item.position
    FROM publication.item AS item
    WHERE item.platform = :platform AND item.state = 'accepted'
    ORDER BY item.record_type ASC, item.record_id ASC, item.natural_key ASC, item.number DESC, item.position DESC
),

everything AS (
    {% for one in desired %}
    SELECT
        CASE WHEN gate.fits THEN 'desired' ELSE 'unfit' END AS side,
        {{ one.title }} AS record_type,
        gate.record_id,
        gate.natural_key,
        gate.content_hash,
        cast(NULL AS bigint) AS number,
        cast(NULL AS int) AS position
    FROM publication.{{ one.view }} AS gate
    UNION ALL
    {% endfor %}
    SELECT
        'published',
        published.record_type,
        published.record_id,
        published.natural_key,
        published.content_hash,
        published.number,
        published.position
    FROM publication.published AS published
    WHERE published.platform = :platform
    UNION ALL
    SELECT
        'replayed',
        confirmed.record_type,
        confirmed.record_id,
        confirmed.natural_key,
        confirmed.content_hash,
        confirmed.number,
        confirmed.position
    FROM confirmed
    WHERE confirmed.operation <> 'withdraw'
)

SELECT
    everything.*,
    publication.bucket(everything.natural_key) AS bucket
FROM everything
WHERE
    everything.side = 'unfit'
    OR NOT EXISTS (
        SELECT FROM unsettled
        WHERE
            unsettled.record_type = everything.record_type
            AND unsettled.record_id = everything.record_id
            AND (unsettled.natural_key = everything.natural_key OR unsettled.state = 'open')
    )
