-- Count rows in order for 合规率: rows that passed the platform's checks / rows it answered for.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: named by 发改办财金〔2018〕424号 and the city's monitoring; the formula is the usual reading of the name

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'compliance',
    section,
    record_type,
    sum(good_count),
    sum(all_count)
FROM quality.receiver_day
WHERE platform = :platform AND business_date BETWEEN :first AND :last AND metric = 'compliance'
GROUP BY section, record_type
