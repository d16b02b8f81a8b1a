-- Write down every rule that a row of a batch breaks.
--
-- Grain: one row per failing row and rule. Repeatable: after forget_verdicts. Parameters: :batch_id

INSERT INTO quality.violation (batch_id, row_number, rule_code)
SELECT
    :batch_id,
    row_number,
    unnest(string_to_array(codes, ','))
FROM pg_temp.failing_rows
