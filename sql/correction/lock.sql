-- Let one correction be applied or taken back at a time.
--
-- Grain: one lock, released with the transaction. Repeatable: yes. Parameters: none.

SELECT pg_advisory_xact_lock(hashtextextended('correction', 5))
