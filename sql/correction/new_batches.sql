-- List the batches that a correction brought, in their order.
--
-- Grain: one row per batch. Repeatable: reads only. Parameters: :correction_id

SELECT batch.batch_id
FROM operation.correction_intake AS kept
INNER JOIN landing.batch AS batch ON kept.batch_id = batch.batch_id
WHERE kept.correction_id = :correction_id AND kept.is_new AND batch.state = 'stored'
ORDER BY batch.known_at
