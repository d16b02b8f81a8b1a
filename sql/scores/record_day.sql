-- Keep what the rules of each dimension came to on what every feed held on a date.
--
-- Grain: one row per feed and dimension. Repeatable: yes, after the date was forgotten.
-- Parameters: :business_date, :required (the codes of the rules by which an item must be filled)
-- Those rules are counted once more under `required`, which is no dimension: what a receiver calls items required.
-- A rule that applied to no row is not applicable, one that could not run is an error: neither adds a check. A feed
-- without a delivery has no row: it was not measured.

INSERT INTO quality.score_day (
    business_date,
    section,
    feed,
    record_type,
    dimension,
    rules_passed,
    rules_failed,
    rules_not_applicable,
    rules_error,
    applied_count,
    failed_count,
    row_count,
    failed_row_count
)
WITH judged AS (
    SELECT
        intake.feed,
        owner.section,
        batch.record_type,
        batch.batch_id,
        batch.row_count
    FROM operation.intake AS intake
    INNER JOIN landing.batch AS batch ON intake.batch_id = batch.batch_id
    INNER JOIN operation.feed AS owner ON intake.feed = owner.feed
    WHERE intake.business_date = :business_date
),

counted AS (
    SELECT
        rule_code,
        dimension
    FROM quality.rule
    UNION ALL
    SELECT
        rule_code,
        'required' AS dimension
    FROM quality.rule
    WHERE rule_code = any(:required)
),

results AS (
    SELECT
        judged.feed,
        rule.dimension,
        count(*) FILTER (WHERE result.state = 'passed') AS rules_passed,
        count(*) FILTER (WHERE result.state = 'failed') AS rules_failed,
        count(*) FILTER (WHERE result.state = 'not_applicable') AS rules_not_applicable,
        count(*) FILTER (WHERE result.state = 'error') AS rules_error,
        coalesce(sum(result.applied_count) FILTER (WHERE result.state IN ('passed', 'failed')), 0) AS applied_count,
        coalesce(sum(result.failed_count) FILTER (WHERE result.state IN ('passed', 'failed')), 0) AS failed_count
    FROM judged
    INNER JOIN quality.rule_result AS result ON judged.batch_id = result.batch_id
    INNER JOIN counted AS rule ON result.rule_code = rule.rule_code
    GROUP BY judged.feed, rule.dimension
),

broken AS (
    SELECT
        judged.feed,
        rule.dimension,
        count(DISTINCT violation.row_number) AS failed_row_count
    FROM judged
    INNER JOIN quality.violation AS violation ON judged.batch_id = violation.batch_id
    INNER JOIN counted AS rule ON violation.rule_code = rule.rule_code
    GROUP BY judged.feed, rule.dimension
)

SELECT
    cast(:business_date AS date),
    judged.section,
    judged.feed,
    judged.record_type,
    results.dimension,
    results.rules_passed,
    results.rules_failed,
    results.rules_not_applicable,
    results.rules_error,
    results.applied_count,
    results.failed_count,
    judged.row_count,
    coalesce(broken.failed_row_count, 0)
FROM judged
INNER JOIN results ON judged.feed = results.feed
LEFT JOIN broken ON results.feed = broken.feed AND results.dimension = broken.dimension
