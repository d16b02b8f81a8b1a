-- Count records with a subject for 关联率: (stored − unlinked) / all.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :platform, :first, :last (dates, both inclusive; each feed counts as it stood on its last day of them)
-- Source: data-quality assessment of the city credit platform

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'linkage',
    section,
    record_type,
    sum(good_count),
    sum(all_count)
FROM (
    SELECT DISTINCT ON (feed) *
    FROM quality.receiver_day
    WHERE platform = :platform AND metric = 'linkage' AND business_date BETWEEN :first AND :last
    ORDER BY feed ASC, business_date DESC
) AS latest
GROUP BY section, record_type
