-- Count rows late for 迟报率: rows first accepted after the working days of their type / rows first accepted.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: named by the city's monitoring; 双公示 within 7 working days, 发改办财金〔2018〕424号

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'late',
    section,
    record_type,
    sum(reported - reported_on_time),
    sum(reported)
FROM quality.timeliness_day
WHERE platform = :platform AND business_date BETWEEN :first AND :last
GROUP BY section, record_type
