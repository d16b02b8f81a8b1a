-- Count unified codes for 重错码率: codes that are wrong or stand beside several names / different codes.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :first, :last (dates, both inclusive; each feed counts as it stood on its last day of them)
-- Source: the indicator exists in evaluations; the formula is the usual reading of its name

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'wrong_codes',
    section,
    record_type,
    sum(wrong_count + shared_count),
    sum(code_count)
FROM (
    SELECT DISTINCT ON (feed) *
    FROM quality.code_day
    WHERE business_date BETWEEN :first AND :last
    ORDER BY feed ASC, business_date DESC
) AS latest
GROUP BY section, record_type
