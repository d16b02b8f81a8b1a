-- Clean one landed batch into its staged table: typed fields, the record's id and the hash of its content.
--
-- Grain: one row per landed row. Repeatable: yes, the table is rebuilt. Parameters: :batch_id, :known_at
-- Four layers, each kept apart so that no expression is evaluated twice. What keeps them apart is written OFFSET
-- bigint '0': PostgreSQL reads OFFSET 0, a number still to be converted, as a limit that parallel workers cannot keep.
-- Most rows are clean already, and one pattern over the whole row says so at a tenth of what cleaning its cells costs:
-- no cell begins or ends with a blank or a sign unseen or is a word that means "nothing", and no cell that is to be
-- folded (those before the sign U+001E) holds a full-width sign. Only in other rows each cell is asked by built-in
-- functions, and cleaned when it begins or ends with a blank or a sign unseen, when it begins with a stroke, when it is
-- short and begins like a word that means "nothing" (无 n N 空 暂), or when it is to be folded and holds a full-width
-- sign, which UTF-8 writes as EF BC or EF BD.
{% macro is_clean(value, is_folded) %}
ascii({{ value }}) > 32 AND ascii({{ value }}) NOT IN (160, 173, 12288, 65279)
AND ascii({{ value }}) NOT BETWEEN 8203 AND 8207 AND ascii({{ value }}) NOT BETWEEN 8234 AND 8297
AND ascii(right({{ value }}, 1)) > 32 AND ascii(right({{ value }}, 1)) NOT IN (160, 173, 12288, 65279)
AND ascii(right({{ value }}, 1)) NOT BETWEEN 8203 AND 8207 AND ascii(right({{ value }}, 1)) NOT BETWEEN 8234 AND 8297
AND ascii({{ value }}) NOT IN (47, 45, 8212, 92, 65295, 65293, 65340)
AND (octet_length({{ value }}) > 12 OR ascii({{ value }}) NOT IN (26080, 110, 78, 65326, 65358, 31354, 26242))
{% if is_folded %}
AND (
    octet_length({{ value }}) = length({{ value }})
    OR (
        position('\xefbc'::bytea IN convert_to({{ value }}, 'UTF8')) = 0
        AND position('\xefbd'::bytea IN convert_to({{ value }}, 'UTF8')) = 0
    )
)
{% endif %}
{% endmacro %}

CREATE UNLOGGED TABLE {{ staged }} AS
SELECT
    typed.*,
    CASE
        WHEN {{ key_is_complete }}
            THEN
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
                {% if column.cleaner %}
                CASE
                    WHEN landed.is_clean OR landed.{{ column.name }} IS NULL THEN landed.{{ column.name }}
                    WHEN {{ is_clean("landed." ~ column.name, column.is_folded) | fragment }} THEN landed.{{ column.name }}
                    ELSE {{ column.cleaner }}(landed.{{ column.name }})
                END AS {{ column.name }}{% if not loop.last %},{% endif %}
                {% else %}
                landed.{{ column.name }}{% if not loop.last %},{% endif %}
                {% endif %}

                {% endfor %}
            FROM (
                SELECT
                    received.*,
                    {{ row_text }} !~ concat_ws(
                        '|',
                        '[\u0009\u000a\u000d\u0020\u3000\u00a0\u00ad\u200b-\u200f\u202a-\u2069\ufeff]\u001f',
                        '\u001f[\u0009\u000a\u000d\u0020\u3000\u00a0\u00ad\u200b-\u200f\u202a-\u2069\ufeff]',
                        '\u001f([/—\\／－＼-]|([无空]|暂无|[nNＡ-Ｚａ-ｚ][uUoOaAＡ-Ｚａ-ｚ][lLnNＡ-Ｚａ-ｚ][lLeEＡ-Ｚａ-ｚ]?)\u001f)',
                        '[０-９Ａ-Ｚａ-ｚ．，；／－][^\u001e]*\u001e'
                    ) AS is_clean
                FROM {{ landing }} AS received
                WHERE received.batch_id = :batch_id
                OFFSET bigint '0'
            ) AS landed
            OFFSET bigint '0'
        ) AS cleaned
        OFFSET bigint '0'
    ) AS derived
    OFFSET bigint '0'
) AS typed
