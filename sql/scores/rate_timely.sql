-- Count rows in time for 及时率: rows first accepted within the working days of their type / rows first accepted.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: 双公示 within 7 working days, 发改办财金〔2018〕424号; 行政处罚法 art. 85 counts working days

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'timely',
    section,
    record_type,
    sum(reported_on_time),
    sum(reported)
FROM quality.timeliness_day
WHERE platform = :platform AND business_date BETWEEN :first AND :last
GROUP BY section, record_type
