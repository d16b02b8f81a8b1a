-- Point the intakes of a feed from a date on to the copy instead of the batch they were folded into.
--
-- Grain: the folded intakes. Repeatable: yes. Parameters: :feed, :business_date, :batch_id, :copy_id

UPDATE operation.intake
SET batch_id = :copy_id
WHERE feed = :feed AND business_date >= :business_date AND batch_id = :batch_id
