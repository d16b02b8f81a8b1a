-- Take back the restatements of a correction.
--
-- Grain: the restatements of one correction, with what batches said of them. Repeatable: yes.
-- Parameters: :correction_id

DELETE FROM quality.restatement AS restatement
WHERE restatement.correction_id = :correction_id
