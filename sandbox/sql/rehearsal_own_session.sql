-- Tell by which number the server knows the session that asks.
--
-- Grain: one row. Repeatable: reads only. Parameters: none.

SELECT pg_backend_pid()
