-- Make room for the desired state of the next record type.
--
-- Grain: one table of the session. Repeatable: yes. Parameters: none.

DROP TABLE IF EXISTS pg_temp.desired
