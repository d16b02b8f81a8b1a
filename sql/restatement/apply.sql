-- Put the fields that a person restated into the staged rows whose content they were restated for.
--
-- Grain: one row per staged row with a standing restatement. Repeatable: after `quality/stage`, which rebuilds them.
-- Parameters: :feed, :batch_id, :known_at
-- The texts are cleaned, read and hashed as if the source had delivered them. A row without a readable key goes by its
-- content, and has its key read again. What each batch said of a restated record is noted beside it, also when the
-- source delivers another content by now, to which the restatement does not apply.

WITH holding AS MATERIALIZED (
    SELECT
        restatement.restatement_id,
        restatement.record_id,
        restatement.content_hash,
        restatement.fields
    FROM quality.restatement AS restatement
    WHERE restatement.feed = :feed AND restatement.since <= :known_at
),

matching AS MATERIALIZED (
    SELECT
        holding.restatement_id,
        holding.fields,
        staged.*
    FROM holding
    INNER JOIN {{ staged }} AS staged
        ON
            holding.content_hash = staged.content_hash
            AND coalesce(staged.record_id, encode(substr(staged.content_hash, 1, 16), 'hex')::uuid) = holding.record_id
),

restated AS MATERIALIZED (
    SELECT
        typed.*,
        CASE
            WHEN {{ key_is_complete }}
                THEN
                    encode(substr(sha256(convert_to({{ key_text }}, 'UTF8')), 1, 16), 'hex')::uuid
        END AS new_record_id,
        sha256(convert_to({{ content_text }}, 'UTF8')) AS new_content_hash
    FROM (
        SELECT
            derived.restatement_id,
            derived.row_number,
            {% for column in typed_columns %}
            {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

            {% endfor %}
        FROM (
            SELECT
                matching.restatement_id,
                matching.row_number,
                {% for column in restated_columns %}
                {{ column.expression }} AS {{ column.name }}{% if not loop.last %},{% endif %}

                {% endfor %}
            FROM matching
            OFFSET 0
        ) AS derived
        OFFSET 0
    ) AS typed
),

noted AS (
    INSERT INTO quality.restatement_seen AS seen (restatement_id, batch_id, is_applied, content_hash)
    SELECT DISTINCT ON (holding.restatement_id)
        holding.restatement_id,
        :batch_id,
        restated.restatement_id IS NOT NULL,
        coalesce(restated.new_content_hash, other.content_hash)
    FROM holding
    LEFT JOIN restated ON holding.restatement_id = restated.restatement_id
    LEFT JOIN {{ staged }} AS other ON holding.record_id = other.record_id
    {% if incremental %}
    WHERE restated.restatement_id IS NOT NULL OR other.record_id IS NOT NULL
    {% endif %}
    ORDER BY holding.restatement_id ASC, restated.row_number ASC, other.row_number ASC
    ON CONFLICT (restatement_id, batch_id) DO UPDATE
        SET is_applied = excluded.is_applied, content_hash = excluded.content_hash
)

UPDATE {{ staged }} AS staged
SET
    {% for column in typed_columns %}
    {{ column.name }} = restated.{{ column.name }},
    {% endfor %}
    record_id = restated.new_record_id,
    content_hash = restated.new_content_hash
FROM restated
WHERE staged.row_number = restated.row_number
