-- Remove what came of one rule in one batch before the rule is judged again.
--
-- Grain: one rule in one batch.
-- Repeatable: a second run finds nothing to remove.
-- Parameters: :batch_id, :rule_code

WITH violations AS (
    DELETE FROM quality.violation
    WHERE batch_id = :batch_id AND rule_code = :rule_code
)

DELETE FROM quality.rule_result
WHERE batch_id = :batch_id AND rule_code = :rule_code;
