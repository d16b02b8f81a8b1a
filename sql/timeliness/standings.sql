-- Read how the records of each section stood with each platform on a date.
--
-- Grain: one row per section, record type and platform. Repeatable: reads only. Parameters: :business_date

SELECT
    section,
    record_type,
    platform,
    cast(sum(on_time) AS bigint) AS on_time,
    cast(sum(in_time) AS bigint) AS in_time,
    cast(sum(at_risk) AS bigint) AS at_risk,
    cast(sum(late) AS bigint) AS late,
    cast(sum(late_at_source) AS bigint) AS late_at_source,
    cast(sum(undated) AS bigint) AS undated,
    cast(sum(provisional) AS bigint) AS provisional,
    cast(sum(late_strictly) AS bigint) AS late_strictly
FROM quality.timeliness_day
WHERE business_date = :business_date
GROUP BY section, record_type, platform
ORDER BY section, record_type, platform
