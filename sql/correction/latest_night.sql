-- Find the latest night of a feed: the date on which platforms and scores are looked at.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :feed

SELECT max(intake.business_date) AS business_date
FROM operation.intake AS intake
WHERE intake.feed = :feed
