-- Let only one process change the structure at a time.
--
-- Grain: one lock, released with the transaction. Repeatable: yes. Parameters: none.

SELECT pg_advisory_xact_lock(7320260401);
