-- Remove the violations and rule results of one batch before it is judged again.
--
-- Grain: one batch.
-- Repeatable: a second run finds nothing to remove.
-- Parameters: :batch_id

WITH violations AS (
    DELETE FROM quality.violation
    WHERE batch_id = :batch_id
)

DELETE FROM quality.rule_result
WHERE batch_id = :batch_id;
