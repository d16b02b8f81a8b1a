-- Drop the temporary answers to the questions about a batch.
--
-- Grain: the session's own table. Repeatable: yes, also when there is none. Parameters: none.

DROP TABLE IF EXISTS pg_temp.answer
