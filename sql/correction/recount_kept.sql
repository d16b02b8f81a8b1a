-- Count anew how many rows of a batch break each rule in what some corrections have kept.
--
-- Grain: one row per correction. Repeatable: yes. Parameters: :later, :batch_id

UPDATE operation.correction_judged AS kept
SET
    rule_results = (
        SELECT
            coalesce(jsonb_agg(
                result.told || jsonb_build_object(
                    'failed_count', counted.failed_count,
                    'state',
                    CASE
                        WHEN result.told ->> 'state' = 'error' THEN 'error'
                        WHEN counted.failed_count > 0 THEN 'failed'
                        WHEN cast(result.told ->> 'applied_count' AS bigint) > 0 THEN 'passed'
                        ELSE 'not_applicable'
                    END
                )
                ORDER BY result.told ->> 'rule_code'
            ), '[]')
        FROM jsonb_array_elements(kept.rule_results) AS result (told)
        CROSS JOIN LATERAL (
            SELECT count(*) AS failed_count
            FROM operation.correction_violation AS broken
            WHERE
                broken.correction_id = kept.correction_id
                AND broken.batch_id = kept.batch_id
                AND broken.rule_code = result.told ->> 'rule_code'
        ) AS counted
    )
WHERE kept.correction_id = any(:later) AND kept.batch_id = :batch_id
