-- List the live records of an incremental feed whose id a batch shows under another key; nothing else is missing.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: :feed, :known_at
-- An incremental batch tells nothing about what it does not contain, except that one id is one record.

CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
SELECT DISTINCT ON (version.record_id)
    version.record_id,
    version.batch_id,
    version.source_id,
    'superseded' AS ending,
    staged.record_id AS successor_id
FROM {{ staged }} AS staged
INNER JOIN {{ history }} AS version
    ON
        staged.source_id = version.source_id
        AND version.feed = :feed
        AND version.known_at < :known_at
        AND staged.record_id <> version.record_id
INNER JOIN LATERAL (
    SELECT
        believed.batch_id,
        believed.ending
    FROM {{ history }} AS believed
    WHERE
        believed.record_id = version.record_id
        AND believed.feed = :feed
        AND believed.known_at < :known_at
    ORDER BY believed.source_at DESC, believed.known_at DESC, believed.batch_id DESC
    LIMIT 1
) AS latest ON version.batch_id = latest.batch_id
WHERE
    latest.ending IS NULL
    AND staged.record_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM set_aside
        WHERE set_aside.row_number = staged.row_number
    )
    {% if only_restated %}
    AND EXISTS (
        SELECT FROM restated
        WHERE restated.record_id = version.record_id
    )
    {% endif %}
    AND NOT EXISTS (
        SELECT FROM {{ staged }} AS same
        WHERE same.record_id = version.record_id
    )
ORDER BY version.record_id ASC, staged.row_number ASC
