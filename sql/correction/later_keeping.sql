-- List the later corrections that stand and have kept the verdicts of a batch.
--
-- Grain: one row per correction. Repeatable: reads only. Parameters: :correction_id, :batch_id

SELECT later.correction_id
FROM operation.correction AS own
INNER JOIN operation.correction AS later
    ON later.state = 'applied' AND own.applied_number < later.applied_number
INNER JOIN operation.correction_judged AS kept
    ON later.correction_id = kept.correction_id AND kept.batch_id = :batch_id
WHERE own.correction_id = :correction_id
