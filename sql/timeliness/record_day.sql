-- Keep how the records of each feed stood with each platform on a date.
--
-- Grain: one row per platform and feed. Repeatable: yes, after the date was forgotten.
-- Parameters: :business_date, :shown_after_days

INSERT INTO quality.timeliness_day (
    business_date,
    platform,
    section,
    feed,
    record_type,
    on_time,
    in_time,
    at_risk,
    late,
    late_at_source,
    undated,
    provisional,
    late_strictly,
    reported,
    reported_on_time,
    reported_on_time_strictly,
    reported_late_at_source
)
SELECT
    cast(:business_date AS date),
    platform,
    section,
    feed,
    record_type,
    count(*) FILTER (WHERE state = 'on_time'),
    count(*) FILTER (WHERE state = 'in_time'),
    count(*) FILTER (WHERE state = 'at_risk'),
    count(*) FILTER (WHERE state = 'late'),
    count(*) FILTER (WHERE state = 'late_at_source'),
    count(*) FILTER (WHERE state = 'undated'),
    count(*) FILTER (WHERE is_provisional AND shown_on IS NULL),
    count(*) FILTER (WHERE is_late_strictly),
    count(*) FILTER (WHERE is_tonight),
    count(*) FILTER (WHERE is_tonight AND state = 'on_time'),
    count(*) FILTER (WHERE is_tonight AND NOT is_late_strictly AND state <> 'undated'),
    count(*) FILTER (WHERE is_tonight AND state = 'late_at_source')
FROM (
    SELECT
        timeliness.*,
        coalesce(
            timeliness.shown_on = cast(:business_date AS date) + cast(:shown_after_days AS int), FALSE
        ) AS is_tonight
    FROM timeliness
) AS judged
GROUP BY platform, section, feed, record_type
