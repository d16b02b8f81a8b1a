-- Count rows in time by the receiver for 时效率: new rows with elapsed working days < 7 / (all rows − updates).
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: the receiver's own query: strictly fewer than 7, so the 7th working day counts as late

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'timely_strict',
    section,
    record_type,
    sum(reported_on_time_strictly),
    sum(reported)
FROM quality.timeliness_day
WHERE platform = :platform AND business_date BETWEEN :first AND :last
GROUP BY section, record_type
