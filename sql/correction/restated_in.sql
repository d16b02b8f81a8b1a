-- List the restatements that were put into the rows of a batch.
--
-- Grain: one row per restatement. Repeatable: reads only. Parameters: :batch_id

SELECT
    restatement.restatement_id,
    coalesce(restatement.document, cast(restatement.record_id AS text)) AS document,
    restatement.correction_id,
    restatement.person
FROM quality.restatement_seen AS seen
INNER JOIN quality.restatement AS restatement ON seen.restatement_id = restatement.restatement_id
WHERE seen.batch_id = :batch_id AND seen.is_applied
ORDER BY restatement.restatement_id
