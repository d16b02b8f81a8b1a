-- Let only one delta of a platform be written at a time.
--
-- Grain: one lock per platform, released with the transaction. Repeatable: yes. Parameters: :platform

SELECT pg_advisory_xact_lock(hashtextextended(:platform, 2))
