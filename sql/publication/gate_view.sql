-- The gate: what may go to one platform of one record type, already written in the platform's own columns.
--
-- Grain: one row per record that is cleared on the logical date. Repeatable: the view is made anew.
-- Parameters: the logical date, as the setting `xinyong.logical_date` of the transaction.
-- Only the columns that the platform file names exist here; identity fields are there in their masked form only,
-- and a record whose text still holds a sealed number is closed.
-- OFFSET keeps the layers apart, so that nothing is worked out twice; as a bigint it lets workers share the reading.
-- With `asked`, the same for the records in `publication.asked` only, which are looked up one by one.

CREATE VIEW publication.{{ view }} AS
SELECT
    cleared.record_id,
    cleared.natural_key,
    cleared.is_linked,
    sha256(convert_to(cleared.content, 'UTF8')) AS content_hash,
    jsonb_build_object(
        {% for column in columns %}
        {{ column.title }}, cleared.{{ column.name }}{% if not loop.last %},{% endif %}

        {% endfor %}
    ) AS payload,
    ({{ fits }}) AS fits
FROM (
    SELECT
        written.*,
        {{ content }} AS content
    FROM (
        SELECT
            current_record.record_id,
            {{ natural_key }} AS natural_key,
            subject.record_id IS NOT NULL AS is_linked,
            {% for column in columns %}
            {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

            {% endfor %}
        {% if asked %}
        FROM publication.asked AS asked
        CROSS JOIN
            LATERAL (
                SELECT known.*
                FROM warehouse.{{ record_type }}_current AS known
                WHERE known.record_id = asked.record_id
                OFFSET bigint '0'
            ) AS current_record
        LEFT JOIN LATERAL (
            SELECT known.*
            FROM warehouse.subject_current AS known
            WHERE known.record_id = current_record.subject_id
            OFFSET bigint '0'
        ) AS subject ON TRUE
        {% else %}
        FROM warehouse.{{ record_type }}_current AS current_record
        LEFT JOIN warehouse.subject_current AS subject ON current_record.subject_id = subject.record_id
        {% endif %}
        LEFT JOIN warehouse.standing AS standing
            ON current_record.record_id = standing.record_id AND standing.record_type = {{ record_name }}
        {% if own_period %}
        LEFT JOIN publication.first_receipt AS first_receipt
            ON
                current_record.record_id = first_receipt.record_id
                AND first_receipt.platform = {{ platform_name }}
                AND first_receipt.record_type = {{ record_name }}
        {% endif %}
        WHERE
            {{ conditions }}
            {% if asked %}
            AND asked.platform = {{ platform_name }}
            AND asked.record_type = {{ record_name }}
            {% endif %}
        OFFSET bigint '0'
    ) AS written
    OFFSET bigint '0'
) AS cleared
WHERE strpos(cleared.content, {{ token }}) = 0
