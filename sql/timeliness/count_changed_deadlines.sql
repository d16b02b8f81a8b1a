-- Count the due dates that are new or other than they were remembered.
--
-- Grain: one number. Repeatable: reads only. Parameters: none; `deadline_before` was filled before.

SELECT count(*)
FROM warehouse.deadline AS now
LEFT JOIN deadline_before AS before
    ON now.record_type = before.record_type AND now.record_id = before.record_id
WHERE before.due_date IS DISTINCT FROM now.due_date
