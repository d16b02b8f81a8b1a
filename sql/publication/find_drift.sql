-- Compare what a platform lists with what its receipts confirmed.
--
-- Grain: one row per record that differs. Repeatable: reads only.
-- Parameters: :platform, :record_types; `listing` was filled before.
-- missing: confirmed and not listed. changed: listed with another content. extra: listed, withdrawn by us or never
-- confirmed, and known from a message. foreign: listed, and no message of ours ever told it. duplicate: listed more
-- than once (×n). Records with an item that has no answer yet are left out: they are on their way.

WITH known AS (
    SELECT
        published.record_type,
        published.natural_key,
        published.record_id,
        published.content_hash,
        published.number,
        published.position
    FROM publication.published AS published
    WHERE published.platform = :platform AND published.record_type = any(:record_types)
),

open_keys AS (
    SELECT DISTINCT
        item.record_type,
        item.natural_key
    FROM publication.item AS item
    WHERE item.platform = :platform AND item.state = 'open'
),

differing AS (
    SELECT
        coalesce(known.record_type, listing.record_type) AS record_type,
        coalesce(known.natural_key, listing.natural_key) AS natural_key,
        known.record_id,
        encode(known.content_hash, 'hex') AS known_hash,
        listing.shown_hash,
        known.number,
        known.position
    FROM known
    FULL JOIN listing ON known.record_type = listing.record_type AND known.natural_key = listing.natural_key
    WHERE encode(known.content_hash, 'hex') IS DISTINCT FROM listing.shown_hash
)

SELECT
    differing.record_type,
    differing.natural_key,
    CASE
        WHEN differing.shown_hash LIKE '×%' THEN 'duplicate'
        WHEN differing.shown_hash IS NULL THEN 'missing'
        WHEN differing.known_hash IS NOT NULL THEN 'changed'
        WHEN told.record_id IS NOT NULL THEN 'extra'
        ELSE 'foreign'
    END AS finding,
    coalesce(differing.record_id, told.record_id)::text AS record_id,
    differing.known_hash,
    differing.shown_hash,
    coalesce(differing.number, told.number) AS number,
    coalesce(differing.position, told.position) AS position
FROM differing
LEFT JOIN LATERAL (
    SELECT
        item.record_id,
        item.number,
        item.position
    FROM publication.item AS item
    WHERE
        item.platform = :platform
        AND item.record_type = differing.record_type
        AND item.natural_key = differing.natural_key
    ORDER BY item.number DESC, item.position DESC
    LIMIT 1
) AS told ON differing.known_hash IS NULL
WHERE
    NOT EXISTS (
        SELECT FROM open_keys
        WHERE open_keys.record_type = differing.record_type AND open_keys.natural_key = differing.natural_key
    )
ORDER BY differing.record_type, differing.natural_key
