-- Name the record types that a numbered delta tells something of.
--
-- Grain: one row per record type. Repeatable: reads only. Parameters: none; `numbered` was filled before.

SELECT DISTINCT numbered.record_type
FROM numbered
ORDER BY numbered.record_type
