-- Find the day after the latest night of any feed: on it that night was read, so no act of now lies before it.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: none.

SELECT max(intake.business_date) + 1 AS day
FROM operation.intake AS intake
