-- Find the corrections applied after one, and count the records and the judged batches that both touched.
--
-- Grain: one row per correction, the latest first. Repeatable: reads only. Parameters: :correction_id

SELECT
    later.correction_id,
    later.kind,
    later.applied_on,
    later.applied_by,
    (
        SELECT count(*)
        FROM operation.correction_change AS own
        INNER JOIN operation.correction_change AS other ON own.record_id = other.record_id
        WHERE own.correction_id = corrected.correction_id AND other.correction_id = later.correction_id
    ) AS same_records,
    (
        SELECT count(*)
        FROM operation.correction_judged AS own
        INNER JOIN operation.correction_judged AS other ON own.batch_id = other.batch_id
        WHERE own.correction_id = corrected.correction_id AND other.correction_id = later.correction_id
    ) AS same_batches
FROM operation.correction AS corrected
INNER JOIN operation.correction AS later
    ON
        corrected.record_type = later.record_type
        AND corrected.applied_number < later.applied_number
        AND later.state = 'applied'
WHERE corrected.correction_id = :correction_id
ORDER BY later.applied_number DESC
