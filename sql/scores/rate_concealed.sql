-- Count rows concealed for 瞒报率: rows evaluators found unreported / (rows first accepted + rows found).
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; what happened on each day adds up)
-- Source: named by 发改办财金〔2018〕424号; the formula is the usual reading of the name. A finding counts on the day on
-- which it was made, also when the record was reported afterwards.

INSERT INTO rate (metric, section, record_type, good_count, all_count)
WITH counted AS (
    SELECT
        section,
        record_type,
        0 AS found,
        reported
    FROM quality.timeliness_day
    WHERE platform = :platform AND business_date BETWEEN :first AND :last
    UNION ALL
    SELECT
        section,
        record_type,
        1 AS found,
        0 AS reported
    FROM quality.finding
    WHERE found_on BETWEEN :first AND :last
)

SELECT
    'concealed',
    section,
    record_type,
    sum(found),
    sum(found + reported)
FROM counted
GROUP BY section, record_type
