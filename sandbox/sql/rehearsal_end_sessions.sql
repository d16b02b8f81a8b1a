-- End every session in a database, so that it can be copied.
--
-- Grain: one row per session. Repeatable: ends what is there. Parameters: :database

SELECT pg_terminate_backend(session.pid)
FROM pg_stat_activity AS session
WHERE session.datname = :database AND session.pid <> pg_backend_pid()
