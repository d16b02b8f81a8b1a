-- Let what follows from the stored records be brought up to date by one at a time, and while nothing is being stored.
--
-- Grain: one lock, released with the transaction. Repeatable: yes. Parameters: none

SELECT pg_advisory_xact_lock(hashtextextended('aggregate', 6))
