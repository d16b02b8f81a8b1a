-- Read what the checks of each dimension came to in a period: per feed, per section and for the department.
--
-- Grain: one row per dimension and feed; totals have NULL there. Repeatable: reads only.
-- Parameters: :platform, :first, :last (dates, both inclusive; each feed counts as it stood on its last day of them)
-- Formula: checks passed / checks that applied. A check is one rule on one record; rules that applied to nothing and
-- rules that could not run add no check, and a dimension without any check has no percentage. Timeliness is rule R32,
-- judged with the receipts of one platform over the records whose time is decided.

WITH checks AS (
    SELECT
        section,
        feed,
        record_type,
        dimension,
        rules_passed,
        rules_failed,
        rules_not_applicable,
        rules_error,
        applied_count,
        failed_count
    FROM (
        SELECT DISTINCT ON (feed, dimension) *
        FROM quality.score_day
        WHERE business_date BETWEEN :first AND :last AND dimension <> 'required'
        ORDER BY feed ASC, dimension ASC, business_date DESC
    ) AS latest
    UNION ALL
    SELECT
        section,
        feed,
        record_type,
        'timeliness',
        CASE WHEN on_time > 0 AND late + late_at_source = 0 THEN 1 ELSE 0 END,
        CASE WHEN late + late_at_source > 0 THEN 1 ELSE 0 END,
        CASE WHEN on_time + late + late_at_source = 0 THEN 1 ELSE 0 END,
        0,
        on_time + late + late_at_source,
        late + late_at_source
    FROM (
        SELECT DISTINCT ON (feed) *
        FROM quality.timeliness_day
        WHERE platform = :platform AND business_date BETWEEN :first AND :last
        ORDER BY feed ASC, business_date DESC
    ) AS latest
)

SELECT
    section,
    feed,
    record_type,
    dimension,
    cast(sum(rules_passed) AS bigint) AS rules_passed,
    cast(sum(rules_failed) AS bigint) AS rules_failed,
    cast(sum(rules_not_applicable) AS bigint) AS rules_not_applicable,
    cast(sum(rules_error) AS bigint) AS rules_error,
    cast(sum(applied_count) AS bigint) AS applied_count,
    cast(sum(failed_count) AS bigint) AS failed_count,
    cast(round(100 * (sum(applied_count) - sum(failed_count)) / nullif(sum(applied_count), 0), 2) AS float) AS percent
FROM checks
GROUP BY GROUPING SETS ((section, feed, record_type, dimension), (section, dimension), (dimension))
ORDER BY section NULLS LAST, feed NULLS LAST, dimension
