-- Let go of the locks that the session holds.
--
-- Grain: one row. Repeatable: yes. Parameters: none

SELECT pg_advisory_unlock_all()
