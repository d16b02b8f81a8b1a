-- Forget what a receiver counted on a date, before that date is counted once more.
--
-- Grain: one platform and date. Repeatable: yes. Parameters: :platform, :business_date

DELETE FROM quality.receiver_day
WHERE platform = :platform AND business_date = :business_date
