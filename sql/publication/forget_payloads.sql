-- Make room for the payloads of the next record type.
--
-- Grain: one table of the session. Repeatable: yes. Parameters: none.

DROP TABLE IF EXISTS pg_temp.payloads
