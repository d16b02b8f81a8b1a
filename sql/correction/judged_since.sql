-- Find the moment of the first batch that a correction judged anew.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :correction_id

SELECT min(batch.known_at) AS known_at
FROM operation.correction_judged AS judged
INNER JOIN landing.batch AS batch ON judged.batch_id = batch.batch_id
WHERE judged.correction_id = :correction_id
