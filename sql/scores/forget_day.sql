-- Forget what the rules came to on a date, before that date is counted once more.
--
-- Grain: one date. Repeatable: yes. Parameters: :business_date

DELETE FROM quality.score_day
WHERE business_date = :business_date
