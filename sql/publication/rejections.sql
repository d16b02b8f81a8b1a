-- List what platforms did not take of one record type, with the feed that owns the record and what was told since.
--
-- Grain: one row per rejected item that is a record's latest of its kind, or, with :all, every rejected item.
-- Repeatable: reads only. Parameters: :record_type, :all, :business_date

SELECT
    item.platform,
    item.number,
    item.position,
    cast(item.record_id AS text) AS record_id,
    item.natural_key,
    item.operation,
    item.error_code,
    item.error_field,
    item.error_text,
    version.feed,
    version.source_id,
    item.answered_on,
    later.number AS resubmitted_number,
    later.state AS resubmitted_state
FROM publication.item AS item
LEFT JOIN LATERAL (
    SELECT
        history.feed,
        history.source_id
    FROM {{ history }} AS history
    WHERE history.record_id = item.record_id
    ORDER BY history.known_at DESC
    LIMIT 1
) AS version ON TRUE
LEFT JOIN LATERAL (
    SELECT
        told.number,
        told.state
    FROM publication.item AS told
    WHERE
        told.platform = item.platform
        AND told.record_type = item.record_type
        AND told.record_id = item.record_id
        AND told.number > item.number
        AND (told.operation = 'withdraw') = (item.operation = 'withdraw')
        AND (item.operation <> 'withdraw' OR told.natural_key = item.natural_key)
    ORDER BY told.number DESC
    LIMIT 1
) AS later ON TRUE
WHERE
    item.record_type = :record_type
    AND item.state = 'rejected'
    AND coalesce(item.answered_on, :business_date) <= :business_date
    AND (:all OR later.number IS NULL)
ORDER BY item.platform, item.number, item.position
