-- Drop the temporary list of failing rows, which lives only while one batch is judged.
--
-- Grain: the session's own table.
-- Repeatable: yes, also when there is none.
-- Parameters: none.

DROP TABLE IF EXISTS pg_temp.failing_rows;
