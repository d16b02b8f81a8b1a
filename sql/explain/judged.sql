-- Count the rules a batch was judged by, per state.
--
-- Grain: one row per state. Repeatable: reads only. Parameters: :batch_id

SELECT
    result.state,
    count(*) AS rule_count
FROM quality.rule_result AS result
WHERE result.batch_id = :batch_id
GROUP BY result.state
ORDER BY result.state
