-- Why a record is not shown any more, for typed withdrawals; nothing of its content.
--
-- Grain: one row per record with any version. Repeatable: the view is made anew.
-- Parameters: the logical date, as the setting `xinyong.logical_date` of the transaction.

CREATE VIEW publication.{{ view }} AS
SELECT
    latest.record_id,
    CASE
        WHEN live.record_id IS NULL THEN latest.ending
        WHEN live.hidden_from <= (SELECT cast(current_setting('xinyong.logical_date') AS date)) THEN 'expired'
        ELSE 'class_changed'
    END AS reason
FROM (
    SELECT DISTINCT ON (version.record_id)
        version.record_id,
        version.ending
    FROM warehouse.{{ record_type }} AS version
    WHERE version.valid_to IS NULL
    ORDER BY version.record_id ASC, version.source_at DESC, version.known_at DESC
) AS latest
LEFT JOIN warehouse.{{ record_type }}_current AS live ON latest.record_id = live.record_id
