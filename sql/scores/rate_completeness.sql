-- Count fields filled for 完整率: items actually filled / items required.
-- What must be blank, or blank together with another, is no item required.
--
-- Grain: one row per section and record type. Repeatable: yes, into an empty table.
-- Parameters: :first, :last (dates, both inclusive; each feed counts as it stood on its last day of them)
-- Source: data-quality assessment of the city credit platform; 95 % gives all points, below it the share itself

INSERT INTO rate (metric, section, record_type, good_count, all_count)
SELECT
    'completeness',
    section,
    record_type,
    sum(applied_count - failed_count),
    sum(applied_count)
FROM (
    SELECT DISTINCT ON (feed) *
    FROM quality.score_day
    WHERE dimension = 'required' AND business_date BETWEEN :first AND :last
    ORDER BY feed ASC, business_date DESC
) AS latest
GROUP BY section, record_type
