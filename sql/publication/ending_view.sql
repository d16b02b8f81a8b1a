-- Why one platform does not show a record any more, for typed withdrawals; nothing of its content.
--
-- Grain: one row per record with any version. Repeatable: the view is made anew.
-- Parameters: the logical date, as the setting `xinyong.logical_date` of the transaction.
-- What a person decided comes first, then what its business system said, then time.

CREATE VIEW publication.{{ view }} AS
SELECT
    latest.record_id,
    CASE
        WHEN standing.withdrawn_reason IS NOT NULL THEN standing.withdrawn_reason
        WHEN current_record.record_id IS NULL THEN latest.ending
        WHEN {{ ends }} <= (SELECT cast(current_setting('xinyong.logical_date') AS date)) THEN 'expired'
        {% if suspends %}
        WHEN standing.is_objected THEN 'objection_lodged'
        {% endif %}
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
LEFT JOIN warehouse.{{ record_type }}_current AS current_record ON latest.record_id = current_record.record_id
LEFT JOIN warehouse.standing AS standing
    ON latest.record_id = standing.record_id AND standing.record_type = {{ record_name }}
{% if own_period %}
LEFT JOIN publication.first_receipt AS first_receipt
    ON
        latest.record_id = first_receipt.record_id
        AND first_receipt.platform = {{ platform_name }}
        AND first_receipt.record_type = {{ record_name }}
{% endif %}
