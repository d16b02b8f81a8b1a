-- The records of one platform and type that may differ since its last delta; every other record stands as it stood.
--
-- Grain: one row per record; a row without a record means all of them. Repeatable: the view replaces itself.
-- Parameters: the logical date, as the setting `xinyong.logical_date` of the transaction.
-- A record may differ because something was written about it or about its subject by a transaction that the last delta
-- had not seen, or because a day has come on which it changes by itself: an act takes effect, publicity begins or ends,
-- another rule set comes into force. OFFSET makes PostgreSQL look records up one by one instead of reading them all.

CREATE OR REPLACE VIEW publication.{{ view }} AS
WITH last AS (
    SELECT
        cast(compared.seen AS pg_snapshot) AS seen,
        compared.logical_date AS since,
        cast(current_setting('xinyong.logical_date') AS date) AS today
    FROM publication.compared AS compared
    WHERE compared.platform = {{ platform_name }} AND compared.record_type = {{ record_name }}
),

touched AS (
    SELECT
        touched.record_type,
        touched.record_id
    FROM publication.touched AS touched
    CROSS JOIN last
    WHERE
        coalesce(touched.platform, {{ platform_name }}) = {{ platform_name }}
        AND coalesce(touched.record_type, 'subject') IN ({{ record_name }}, 'subject')
        AND NOT pg_visible_in_snapshot(cast(cast(touched.xid AS text) AS xid8), last.seen)
)

SELECT touched.record_id
FROM touched
WHERE touched.record_id IS NULL OR touched.record_type = {{ record_name }}
UNION
SELECT linked.record_id
FROM touched
CROSS JOIN
    LATERAL (
        SELECT version.record_id
        FROM warehouse.{{ record_type }} AS version
        WHERE version.subject_id = touched.record_id
        OFFSET bigint '0'
    ) AS linked
WHERE touched.record_type = 'subject'
UNION
SELECT act.record_id
FROM last
INNER JOIN warehouse.act AS act ON last.since < act.effective_on AND last.today >= act.effective_on
WHERE act.record_type = {{ record_name }}
{% for one in boundaries %}
UNION
SELECT due.record_id
FROM last
CROSS JOIN
    LATERAL generate_series(
        last.since - {{ one.days }} - interval '4 days' - make_interval(months => {{ one.months }}),
        last.today - {{ one.days }} + interval '4 days' - make_interval(months => {{ one.months }}),
        interval '1 day'
    ) AS begun (at)
CROSS JOIN
    LATERAL (  -- noqa: ST05
        SELECT dated.record_id
        FROM {{ one.table }} AS dated
        WHERE
            dated.{{ one.column }} = cast(begun.at AS date)
            {% if one.is_receipt %}
            AND dated.platform = {{ platform_name }}
            AND dated.record_type = {{ record_name }}
            {% endif %}
        OFFSET bigint '0'
    ) AS due
WHERE
    cast(begun.at + make_interval(months => {{ one.months }}) AS date) + {{ one.days }} > last.since
    AND cast(begun.at + make_interval(months => {{ one.months }}) AS date) + {{ one.days }} <= last.today
{% endfor %}
UNION
SELECT NULL
FROM last
WHERE
    {{ moves_daily }}
    {% for day in rule_days %}
    OR (last.since < {{ day }} AND last.today >= {{ day }})
    {% endfor %}
