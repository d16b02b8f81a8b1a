-- Write down what came of the rules that were asked about a batch, and which rows break them.
--
-- Grain: one row per rule, one per rule and failing row. Repeatable: after forget_rules. Parameters: :batch_id

WITH violations AS (
    INSERT INTO quality.violation (batch_id, row_number, rule_code)
    SELECT
        :batch_id,
        unnest(failing),
        rule_code
    FROM pg_temp.answer
)

INSERT INTO quality.rule_result (batch_id, rule_code, state, applied_count, failed_count)
SELECT
    :batch_id,
    rule_code,
    CASE
        WHEN cardinality(failing) > 0 THEN 'failed'
        WHEN applied_count > 0 THEN 'passed'
        ELSE 'not_applicable'
    END,
    applied_count,
    coalesce(cardinality(failing), 0)
FROM pg_temp.answer
