-- Write the ledger row of a platform and night: its items (law 1), and desired against published state (law 4).
--
-- Grain: one platform and date. Repeatable: yes. Parameters: :platform, :business_date, :listing_difference, :problem
-- Records that the platform rejected, or has not answered for, are left out on both sides of law 4 and counted apart.
-- The linter cannot read the INSERT, which PostgreSQL can; hence the mark behind the next line.

WITH latest AS (  -- noqa: PRS
    SELECT DISTINCT ON (item.record_type, item.record_id)
        item.record_type,
        item.record_id,
        item.state
    FROM publication.item AS item
    WHERE item.platform = :platform
    ORDER BY item.record_type, item.record_id, item.number DESC, item.position DESC
),

unsettled AS (
    SELECT DISTINCT
        record_type,
        record_id,
        state = 'rejected' AS is_rejected
    FROM latest
    WHERE state <> 'accepted'
),

desired AS (
    {% for one in desired %}
    SELECT
        {{ one.title }} AS record_type,
        gate.record_id,
        gate.natural_key,
        gate.content_hash
    FROM publication.{{ one.view }} AS gate
    WHERE gate.fits
    {% if not loop.last %}
    UNION ALL
    {% endif %}
    {% endfor %}
),

sides AS (
    SELECT
        'desired' AS side,
        desired.record_type,
        desired.record_id,
        desired.natural_key,
        desired.content_hash
    FROM desired
    UNION ALL
    SELECT
        'published',
        published.record_type,
        published.record_id,
        published.natural_key,
        published.content_hash
    FROM publication.published AS published
    WHERE published.platform = :platform
),

hashed AS (
    SELECT
        sides.side,
        sha256(
            convert_to(concat_ws('|', sides.record_type, sides.record_id, sides.natural_key), 'UTF8')
            || sides.content_hash
        ) AS digest
    FROM sides
    WHERE NOT EXISTS (
        SELECT FROM unsettled
        WHERE unsettled.record_type = sides.record_type AND unsettled.record_id = sides.record_id
    )
),

hashes AS (
    SELECT
        side,
        count(*) AS record_count,
        concat_ws(
            '-', count(*), sum(publication.hash_number(digest, 1)), sum(publication.hash_number(digest, 16))
        ) AS set_hash
    FROM hashed
    GROUP BY side
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
    problem
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
    coalesce((SELECT record_count FROM hashes WHERE side = 'desired'), 0),
    coalesce((SELECT record_count FROM hashes WHERE side = 'published'), 0),
    (SELECT count(*) FROM unsettled WHERE is_rejected),
    coalesce((SELECT set_hash FROM hashes WHERE side = 'desired'), '0'),
    coalesce((SELECT set_hash FROM hashes WHERE side = 'published'), '0'),
    :listing_difference,
    :problem
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
    problem = excluded.problem
