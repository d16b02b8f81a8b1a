-- List the nights that delivered again what a correction had read, and so point to its batches.
--
-- Grain: one row per intake. Repeatable: reads only. Parameters: :correction_id

SELECT
    intake.business_date,
    intake.batch_id
FROM operation.correction_intake AS kept
INNER JOIN operation.intake AS intake ON kept.batch_id = intake.batch_id
WHERE
    kept.correction_id = :correction_id
    AND kept.is_new
    AND NOT EXISTS (
        SELECT FROM operation.correction_intake AS own
        WHERE own.correction_id = kept.correction_id AND own.business_date = intake.business_date
    )
ORDER BY intake.business_date
