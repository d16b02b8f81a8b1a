-- Keep what came of each rule for the batches that a correction judges anew.
--
-- Grain: one row per batch. Repeatable: yes, the first kept stays. Parameters: :correction_id, :batches

INSERT INTO operation.correction_judged (correction_id, batch_id, rule_results)
SELECT
    :correction_id,
    batch.batch_id,
    coalesce(
        (
            SELECT jsonb_agg(to_jsonb(result) ORDER BY result.rule_code)
            FROM quality.rule_result AS result
            WHERE result.batch_id = batch.batch_id
        ),
        '[]'
    )
FROM landing.batch AS batch
WHERE batch.batch_id = any(:batches)
ON CONFLICT (correction_id, batch_id) DO NOTHING
