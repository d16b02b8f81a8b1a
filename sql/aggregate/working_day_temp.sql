-- Make room for the calendar as it is known now.
--
-- Grain: one row per day. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE calendar_now (LIKE warehouse.working_day) ON COMMIT DROP
