-- Clean one landed batch into its staged table: typed fields, the record's id and the hash of its content.
--
-- Grain: one row per landed row. Repeatable: yes, the table is rebuilt. Parameters: :batch_id, :known_at
-- Three layers, each kept apart by OFFSET 0 so that no expression is evaluated twice.

CREATE UNLOGGED TABLE {{ staged }} AS
SELECT
    typed.*,
    CASE WHEN {{ key_is_complete }} THEN
        encode(substr(sha256(convert_to({{ key_text }}, 'UTF8')), 1, 16), 'hex')::uuid
    END AS record_id,
    sha256(convert_to({{ content_text }}, 'UTF8')) AS content_hash
FROM (
    SELECT
        derived.batch_id,
        derived.row_number,
        derived.source_id,
        least(coalesce(derived.source_at, cast(:known_at AS timestamptz)), cast(:known_at AS timestamptz)) AS source_at,
        {% for column in typed_columns %}
        {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

        {% endfor %}
    FROM (
        SELECT
            cleaned.batch_id,
            cleaned.row_number,
            {{ source_id }} AS source_id,
            {{ source_at }} AS source_at,
            {% for column in derived_columns %}
            {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

            {% endfor %}
        FROM (
            SELECT
                landed.batch_id,
                landed.row_number,
                {% for column in cleaned_columns %}
                {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

                {% endfor %}
            FROM {{ landing }} AS landed
            WHERE landed.batch_id = :batch_id
            OFFSET 0
        ) AS cleaned
        OFFSET 0
    ) AS derived
    OFFSET 0
) AS typed
