-- Move the verdicts of some rules from one batch number to another: out of the way of judging anew, and back.
--
-- Grain: the verdicts of one batch. Repeatable: in pairs. Parameters: :from_batch, :to_batch, :rule_codes

WITH violations AS (
    UPDATE quality.violation
    SET batch_id = :to_batch
    WHERE batch_id = :from_batch AND rule_code = ANY(:rule_codes)
)

UPDATE quality.rule_result
SET batch_id = :to_batch
WHERE batch_id = :from_batch AND rule_code = ANY(:rule_codes)
