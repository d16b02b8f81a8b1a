-- Forget what later corrections that stand have kept of some rows of a batch.
--
-- Grain: one row per failing (row, rule) and later correction. Repeatable: yes.
-- Parameters: :correction_id, :batch_id, :rows

DELETE FROM operation.correction_violation AS kept
USING operation.correction AS later, operation.correction AS own
WHERE
    own.correction_id = :correction_id
    AND later.state = 'applied'
    AND later.applied_number > own.applied_number
    AND kept.correction_id = later.correction_id
    AND kept.batch_id = :batch_id
    AND kept.row_number = any(:rows)
