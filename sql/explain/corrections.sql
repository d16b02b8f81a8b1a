-- List the corrections that changed a record, in the order in which they were applied.
--
-- Grain: one row per correction. Repeatable: reads only. Parameters: :record_id

SELECT
    correction.correction_id,
    correction.kind,
    changed.operation,
    correction.applied_on,
    correction.applied_by,
    correction.planned_reason AS reason,
    correction.rolled_back_on,
    correction.rolled_back_by
FROM operation.correction_change AS changed
INNER JOIN operation.correction AS correction ON changed.correction_id = correction.correction_id
WHERE changed.record_id = cast(:record_id AS uuid)
ORDER BY correction.applied_number
