-- Remember the due dates as they are before the calendar changes.
--
-- Grain: one row per deadline. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE deadline_before ON COMMIT DROP AS
SELECT
    record_type,
    record_id,
    due_date
FROM warehouse.deadline
