-- Keep why a batch was refused, at every intake that points to it.
--
-- Grain: the intakes of one batch. Repeatable: yes. Parameters: :batch_id, :feed, :problem

UPDATE operation.intake
SET problem = :problem
WHERE batch_id = :batch_id AND feed = :feed
