-- Count correct rows for 准确率: rows that break no rule on accuracy / rows.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :first, :last (dates, both inclusive; each feed counts as it stood on its last day of them)
-- Source: data-quality assessment of the city credit platform; 95 % gives all points, below it the share itself

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'accuracy',
    section,
    record_type,
    sum(row_count - failed_row_count),
    sum(row_count)
FROM (
    SELECT DISTINCT ON (feed) *
    FROM quality.score_day
    WHERE dimension = 'accuracy' AND business_date BETWEEN :first AND :last
    ORDER BY feed ASC, business_date DESC
) AS latest
GROUP BY section, record_type
