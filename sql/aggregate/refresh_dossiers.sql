-- Sum up what is known about each subject: how many live records of which type, and the latest of each.
--
-- Grain: one row per subject with records. Repeatable: yes; only what differs is written. Parameters: none.

WITH live (subject_id, record_type, record_count, latest_date) AS (
    {% for name in record_types %}
    SELECT
        subject_id,
        {{ name.title }} AS record_type,
        count(*) AS record_count,
        max(decision_date) AS latest_date
    FROM warehouse.{{ name.table }}
    WHERE subject_id IS NOT NULL
    GROUP BY subject_id
    {% if not loop.last %}
    UNION ALL
    {% endif %}
    {% else %}
    SELECT
        cast(NULL AS uuid),
        NULL,
        0,
        cast(NULL AS date)
    WHERE FALSE
    {% endfor %}
),

dossiers AS (
    SELECT
        subject_id,
        sum(record_count)::bigint AS record_count,
        jsonb_object_agg(record_type, record_count) AS counts,
        jsonb_object_agg(record_type, latest_date) AS latest_dates,
        max(latest_date) AS latest_date
    FROM live
    GROUP BY subject_id
),

gone AS (
    DELETE FROM warehouse.dossier AS known
    WHERE NOT EXISTS (
        SELECT FROM dossiers
        WHERE dossiers.subject_id = known.subject_id
    )
)

INSERT INTO warehouse.dossier AS known (subject_id, record_count, counts, latest_dates, latest_date)
SELECT
    subject_id,
    record_count,
    counts,
    latest_dates,
    latest_date
FROM dossiers
ON CONFLICT (subject_id) DO UPDATE
    SET
        record_count = excluded.record_count,
        counts = excluded.counts,
        latest_dates = excluded.latest_dates,
        latest_date = excluded.latest_date
    WHERE
    (known.record_count, known.counts, known.latest_dates)
    IS DISTINCT FROM (excluded.record_count, excluded.counts, excluded.latest_dates)
