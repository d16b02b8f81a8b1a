-- Count the due dates that rest on a year not announced yet.
--
-- Grain: one number. Repeatable: reads only. Parameters: none.

SELECT count(*)
FROM warehouse.deadline
WHERE is_provisional
