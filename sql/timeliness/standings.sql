-- Count how the records of each section stand with each platform on the date that was just judged.
--
-- Grain: one row per section, record type and platform. Repeatable: reads only; `timeliness` was filled before.
-- Parameters: :section (NULL for all)

SELECT
    section,
    record_type,
    platform,
    count(*) FILTER (WHERE state = 'on_time') AS on_time,
    count(*) FILTER (WHERE state = 'in_time') AS in_time,
    count(*) FILTER (WHERE state = 'at_risk') AS at_risk,
    count(*) FILTER (WHERE state = 'late') AS late,
    count(*) FILTER (WHERE state = 'late_at_source') AS late_at_source,
    count(*) FILTER (WHERE state = 'undated') AS undated,
    count(*) FILTER (WHERE is_provisional AND shown_on IS NULL) AS provisional,
    count(*) FILTER (WHERE is_late_strictly) AS late_strictly
FROM timeliness
WHERE cast(:section AS text) IS NULL OR section = :section
GROUP BY section, record_type, platform
ORDER BY section, record_type, platform
