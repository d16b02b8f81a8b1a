-- Forget what was kept of the feeds on a date, before it is judged once more.
--
-- Grain: one date. Repeatable: yes. Parameters: :business_date

DELETE FROM operation.feed_state
WHERE business_date = :business_date
