-- Count valid rows stored for 入库率: rows the platform accepted / rows delivered to it.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: data-quality assessment of the city credit platform; 95 % gives all points, below it the share itself

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'storage',
    section,
    record_type,
    sum(good_count),
    sum(all_count)
FROM quality.receiver_day
WHERE platform = :platform AND business_date BETWEEN :first AND :last AND metric = 'storage'
GROUP BY section, record_type
