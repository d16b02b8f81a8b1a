-- Remove what came of some rules in one batch before they are judged again.
--
-- Grain: rules in one batch.
-- Repeatable: a second run finds nothing to remove.
-- Parameters: :batch_id, :rule_codes

WITH violations AS (
    DELETE FROM quality.violation
    WHERE batch_id = :batch_id AND rule_code = ANY(:rule_codes)
)

DELETE FROM quality.rule_result
WHERE batch_id = :batch_id AND rule_code = ANY(:rule_codes);
