-- Forget how many codes each feed held on a date, before that date is counted once more.
--
-- Grain: one date. Repeatable: yes. Parameters: :business_date

DELETE FROM quality.code_day
WHERE business_date = :business_date
