-- Forget how the records stood on a date, before that date is measured once more.
--
-- Grain: one date. Repeatable: yes. Parameters: :business_date

DELETE FROM quality.timeliness_day
WHERE business_date = :business_date
