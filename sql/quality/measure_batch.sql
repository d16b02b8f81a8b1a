-- What a judged batch came to, against the feed's bounds: rows, shrinkage, rows to be set aside, rules in error.
--
-- Grain: one row for the batch. Its predecessor is the feed's latest stored batch that was known earlier.
-- Repeatable: reads only.
-- Parameters: :batch_id

WITH batch AS (
    SELECT
        feed,
        known_at,
        row_count
    FROM landing.batch
    WHERE batch_id = :batch_id
),

previous AS (
    SELECT earlier.row_count
    FROM landing.batch AS earlier
    INNER JOIN batch ON earlier.feed = batch.feed AND earlier.known_at < batch.known_at
    WHERE earlier.state = 'stored'
    ORDER BY earlier.known_at DESC
    LIMIT 1
),

set_aside AS (
    SELECT count(DISTINCT violation.row_number) AS row_count
    FROM quality.violation AS violation
    INNER JOIN quality.rule AS registered ON violation.rule_code = registered.rule_code
    WHERE violation.batch_id = :batch_id AND registered.severity = 'critical'
),

results AS (
    SELECT
        count(*) AS rule_count,
        count(*) FILTER (WHERE state = 'error') AS error_count
    FROM quality.rule_result
    WHERE batch_id = :batch_id
)

SELECT
    batch.row_count,
    results.rule_count,
    results.error_count,
    greatest(
        0, coalesce(round(100.0 * (previous.row_count - batch.row_count) / nullif(previous.row_count, 0), 2), 0)
    ) AS shrink_percent,
    coalesce(round(100.0 * set_aside.row_count / nullif(batch.row_count, 0), 2), 0) AS quarantined_percent
FROM batch
CROSS JOIN results
CROSS JOIN set_aside
LEFT JOIN previous ON TRUE;
