-- Drop the temporary answer to a question about a batch.
--
-- Grain: the session's own table. Repeatable: yes, also when there is none. Parameters: none.

DROP TABLE IF EXISTS pg_temp.answer
