-- Write the ledger row of a platform and night: its items (law 1), and desired against published state (law 4).
--
-- Grain: one platform and date. Repeatable: yes.
-- Parameters: :platform, :business_date, :listing_difference, :problem; `sides` was filled before
-- Records that the platform rejected, or has not answered for, are left out on both sides of law 4 and counted apart.
-- The linter cannot read the INSERT, which PostgreSQL can; hence the mark behind the next line.

WITH latest AS (  -- noqa: PRS
    SELECT DISTINCT ON (item.record_type, item.record_id, item.natural_key)
        item.record_type,
        item.record_id,
        item.operation,
        item.state,
        item.number,
        item.position
    FROM publication.item AS item
    WHERE item.platform = :platform
    ORDER BY item.record_type, item.record_id, item.natural_key, item.number DESC, item.position DESC
),

-- A rejected content stands until anything else is told about the record, a rejected withdrawal until its key is gone.
standing AS (
    SELECT
        latest.state,
        latest.operation = 'withdraw' OR row_number() OVER (
            PARTITION BY latest.record_type, latest.record_id
            ORDER BY latest.number DESC, latest.position DESC
        ) = 1 AS is_last
    FROM latest
),

hashed AS (
    SELECT
        sides.side,
        sha256(
            convert_to(concat_ws('|', sides.record_type, sides.record_id, sides.natural_key), 'UTF8')
            || sides.content_hash
        ) AS digest
    FROM sides
),

hashes AS (
    SELECT
        hashed.side,
        count(*) AS record_count,
        concat_ws(
            '-',
            count(*),
            sum(publication.hash_number(hashed.digest, 1)),
            sum(publication.hash_number(hashed.digest, 16))
        ) AS set_hash
    FROM hashed
    GROUP BY hashed.side
),

items AS (
    SELECT
        count(*) AS items,
        count(*) FILTER (WHERE item.state = 'accepted') AS accepted,
        count(*) FILTER (WHERE item.state = 'rejected') AS rejected,
        count(*) FILTER (WHERE item.state = 'open') AS open
    FROM publication.item AS item
    INNER JOIN publication.message AS message
        ON item.platform = message.platform AND item.number = message.number
    WHERE message.platform = :platform AND message.business_date = :business_date
)

INSERT INTO publication.platform_ledger (
    business_date,
    platform,
    message_count,
    items,
    accepted,
    rejected,
    open,
    desired_count,
    published_count,
    standing_rejections,
    desired_hash,
    published_hash,
    listing_difference,
    problem,
    unfit
)
SELECT
    :business_date,
    :platform,
    (
        SELECT count(*)
        FROM publication.message AS message
        WHERE message.platform = :platform AND message.business_date = :business_date
    ),
    items.items,
    items.accepted,
    items.rejected,
    items.open,
    coalesce((SELECT hashes.record_count FROM hashes WHERE hashes.side = 'desired'), 0),
    coalesce((SELECT hashes.record_count FROM hashes WHERE hashes.side = 'published'), 0),
    (SELECT count(*) FROM standing WHERE standing.state = 'rejected' AND standing.is_last),
    coalesce((SELECT hashes.set_hash FROM hashes WHERE hashes.side = 'desired'), '0'),
    coalesce((SELECT hashes.set_hash FROM hashes WHERE hashes.side = 'published'), '0'),
    :listing_difference,
    :problem,
    (SELECT count(*) FROM sides WHERE sides.side = 'unfit')
FROM items
ON CONFLICT (business_date, platform) DO UPDATE
SET
    message_count = excluded.message_count,
    items = excluded.items,
    accepted = excluded.accepted,
    rejected = excluded.rejected,
    open = excluded.open,
    desired_count = excluded.desired_count,
    published_count = excluded.published_count,
    standing_rejections = excluded.standing_rejections,
    desired_hash = excluded.desired_hash,
    published_hash = excluded.published_hash,
    listing_difference = excluded.listing_difference,
    problem = excluded.problem,
    unfit = excluded.unfit
