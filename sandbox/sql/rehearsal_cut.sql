-- End the session that asks for it, as a server that stops or a network that breaks would.
--
-- Grain: one row, which nobody receives. Repeatable: no, the session is gone. Parameters: none.

SELECT pg_terminate_backend(pg_backend_pid())
