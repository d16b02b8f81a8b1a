-- Read what came of a feed on a date, to put it back later.
--
-- Grain: at most one row. Repeatable: reads only. Parameters: :feed, :business_date

SELECT to_jsonb(intake) AS intake
FROM operation.intake AS intake
WHERE intake.feed = :feed AND intake.business_date = :business_date
