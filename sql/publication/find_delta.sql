-- What a platform must be told of one record type: its desired state against what its receipts confirmed.
--
-- Grain: one row per record and natural key whose two states differ.
-- Repeatable: reads two states; `desired` was made by desire.sql.
-- Parameters: :platform, :record_type, :again, :again_when_linked
-- With `asked`, of the records in `publication.asked` only, which are looked up one by one.
-- Left out: items that were sent and not answered yet, and contents the platform rejected, until they change or the
-- rejection is one that another night (:again) or a subject found since then (:again_when_linked) may heal.
-- A rejected withdrawal and a rejected content of one record stand side by side: each is held against its own kind.
-- A record that has no version any more was taken back: a rule or a correction found that it should never have entered.
-- A record whose natural key changed is withdrawn under the old key and added under the new one in the same delta. Each
-- key is held against what was told about it, so that a withdrawal that is refused leaves the old key published.

WITH published AS (
    SELECT
        published.record_id,
        published.natural_key,
        published.content_hash
    {% if asked %}
    FROM publication.asked AS asked
    CROSS JOIN
        LATERAL (
            SELECT known.*
            FROM publication.published AS known
            WHERE
                known.platform = :platform
                AND known.record_type = :record_type
                AND known.record_id = asked.record_id
            OFFSET bigint '0'
        ) AS published
    WHERE asked.platform = :platform AND asked.record_type = :record_type
    {% else %}
    FROM publication.published AS published
    WHERE published.platform = :platform AND published.record_type = :record_type
    {% endif %}
),

pending AS (
    {% if asked %}
    SELECT asked.record_id
    FROM publication.asked AS asked
    WHERE
        asked.platform = :platform
        AND asked.record_type = :record_type
        AND EXISTS (
            SELECT FROM publication.item AS item
            WHERE
                item.platform = :platform
                AND item.record_type = :record_type
                AND item.record_id = asked.record_id
                AND item.state = 'open'
            OFFSET bigint '0'
        )
    {% else %}
    SELECT DISTINCT item.record_id
    FROM publication.item AS item
    WHERE item.platform = :platform AND item.record_type = :record_type AND item.state = 'open'
    {% endif %}
),

differing AS (
    SELECT
        coalesce(desired.record_id, published.record_id) AS record_id,
        coalesce(desired.natural_key, published.natural_key) AS natural_key,
        coalesce(desired.content_hash, published.content_hash) AS content_hash,
        desired.is_linked,
        CASE
            WHEN desired.record_id IS NULL THEN 'withdraw'
            WHEN published.record_id IS NULL THEN 'add'
            ELSE 'update'
        END AS operation
    FROM desired
    FULL JOIN published
        ON desired.record_id = published.record_id AND desired.natural_key = published.natural_key
    WHERE desired.content_hash IS DISTINCT FROM published.content_hash
),

items AS (
    SELECT
        differing.record_id,
        differing.operation,
        differing.natural_key,
        differing.content_hash,
        coalesce(differing.is_linked, renamed.is_linked, FALSE) AS is_linked,
        CASE WHEN renamed.record_id IS NOT NULL THEN 'superseded' END AS reason
    FROM differing
    LEFT JOIN desired AS renamed
        ON differing.operation = 'withdraw' AND differing.record_id = renamed.record_id
)

INSERT INTO delta (record_type, record_id, operation, reason, natural_key, content_hash, is_linked)
SELECT
    :record_type,
    items.record_id,
    CASE
        WHEN items.operation = 'add' AND latest.operation = 'withdraw' AND latest.state = 'accepted' THEN 'restore'
        ELSE items.operation
    END,
    CASE
        WHEN items.operation = 'withdraw' THEN coalesce(items.reason, ending.reason, 'retracted_as_wrong')
    END,
    items.natural_key,
    items.content_hash,
    items.is_linked
FROM items
LEFT JOIN LATERAL (
    SELECT why.reason
    FROM publication.{{ ending_view }} AS why
    WHERE items.operation = 'withdraw' AND why.record_id = items.record_id
    {% if asked %}
    OFFSET bigint '0'
    {% endif %}
) AS ending ON TRUE
LEFT JOIN LATERAL (
    SELECT
        item.number,
        item.operation,
        item.state
    FROM publication.item AS item
    WHERE
        item.record_id = items.record_id
        AND item.platform = :platform
        AND item.record_type = :record_type
        AND item.natural_key = items.natural_key
    ORDER BY item.number DESC, item.position DESC
    LIMIT 1
) AS latest ON TRUE
LEFT JOIN LATERAL (
    SELECT
        item.number,
        item.state,
        item.content_hash,
        item.is_linked,
        coalesce(item.error_code, '') AS error_code
    FROM publication.item AS item
    WHERE
        item.record_id = items.record_id
        AND item.platform = :platform
        AND item.record_type = :record_type
        AND item.natural_key = items.natural_key
        AND (item.operation = 'withdraw') = (items.operation = 'withdraw')
    ORDER BY item.number DESC, item.position DESC
    LIMIT 1
) AS alike ON TRUE
WHERE
    NOT EXISTS (
        SELECT FROM pending
        WHERE pending.record_id = items.record_id
    )
    AND NOT (
        coalesce(alike.state, '') = 'rejected'
        AND alike.content_hash = items.content_hash
        AND NOT (latest.state = 'accepted' AND latest.number > alike.number)
        AND NOT alike.error_code = any(:again)
        AND NOT (items.is_linked AND NOT alike.is_linked AND alike.error_code = any(:again_when_linked))
    )
