-- Read what a platform had confirmed to show on a date: per key, the last accepted telling, unless it was a withdrawal.
--
-- Grain: one row per record and natural key. Repeatable: reads only. Parameters: :platform, :known_on, :record_ids
-- What was answered before answers were dated counts by the date of its message. A record that was told under a new key
-- before the withdrawal of the old one was confirmed was shown twice, and is here twice.

SELECT
    told.record_type,
    cast(told.record_id AS text) AS record_id,
    told.natural_key,
    told.number,
    told.position,
    told.business_date AS told_on,
    told.answered_on,
    told.payload
FROM (
    SELECT DISTINCT ON (item.record_type, item.record_id, item.natural_key)
        item.record_type,
        item.record_id,
        item.natural_key,
        item.number,
        item.position,
        item.operation,
        message.business_date,
        coalesce(item.answered_on, message.business_date) AS answered_on,
        item.payload
    FROM publication.item AS item
    INNER JOIN publication.message AS message ON item.platform = message.platform AND item.number = message.number
    WHERE
        item.platform = :platform
        AND item.state = 'accepted'
        AND coalesce(item.answered_on, message.business_date) <= :known_on
        {% if of_records %}
        AND item.record_id = any(cast(:record_ids AS uuid[]))
        {% endif %}
    ORDER BY
        item.record_type ASC, item.record_id ASC, item.natural_key ASC, item.number DESC, item.position DESC
) AS told
WHERE told.operation <> 'withdraw'
ORDER BY told.record_type, told.record_id, told.natural_key
