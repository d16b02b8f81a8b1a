-- Keep what a receiver counts on a date: rows told and accepted, rows that passed its checks, records with a subject.
--
-- Grain: one row per metric and feed. Repeatable: yes, after the date was forgotten.
-- Parameters: :platform, :business_date, :unlinked (the platform's codes for "no such subject")
-- A row that the platform refused only because it does not know the subject is unlinked, not wrong.

INSERT INTO quality.receiver_day (
    business_date, platform, metric, section, feed, record_type, good_count, all_count
)
WITH tonight AS (
    SELECT
        item.record_type,
        item.record_id,
        item.state,
        item.error_code
    FROM publication.item AS item
    INNER JOIN publication.message AS message
        ON item.platform = message.platform AND item.number = message.number
    WHERE
        item.platform = :platform
        AND message.business_date = :business_date
        AND item.operation <> 'withdraw'
),

owned AS (
    {% for one in record_types %}
    SELECT
        {{ one.title }} AS record_type,
        live.feed,
        tonight.state,
        tonight.error_code
    FROM tonight
    INNER JOIN warehouse.{{ one.table }} AS live ON tonight.record_id = live.record_id
    WHERE tonight.record_type = {{ one.title }}
    {% if not loop.last %}
    UNION ALL
    {% endif %}
    {% endfor %}
),

linked AS (
    {% for one in record_types %}
    SELECT
        {{ one.title }} AS record_type,
        live.feed,
        count(live.subject_id) AS good_count,
        count(*) AS all_count
    FROM warehouse.{{ one.table }} AS live
    GROUP BY live.feed
    {% if not loop.last %}
    UNION ALL
    {% endif %}
    {% endfor %}
),

counts AS (
    SELECT
        'storage' AS metric,
        record_type,
        feed,
        count(*) FILTER (WHERE state = 'accepted') AS good_count,
        count(*) AS all_count
    FROM owned
    GROUP BY record_type, feed
    UNION ALL
    SELECT
        'compliance' AS metric,
        record_type,
        feed,
        count(*) FILTER (WHERE state = 'accepted' OR error_code = any(:unlinked)) AS good_count,
        count(*) FILTER (WHERE state IN ('accepted', 'rejected')) AS all_count
    FROM owned
    GROUP BY record_type, feed
    UNION ALL
    SELECT
        'linkage' AS metric,
        record_type,
        feed,
        good_count,
        all_count
    FROM linked
)

SELECT
    cast(:business_date AS date),
    cast(:platform AS text),
    counts.metric,
    coalesce(owner.section, ''),
    counts.feed,
    counts.record_type,
    counts.good_count,
    counts.all_count
FROM counts
LEFT JOIN operation.feed AS owner ON counts.feed = owner.feed
WHERE counts.all_count > 0
