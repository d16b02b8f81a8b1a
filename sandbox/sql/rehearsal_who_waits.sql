-- Find the ports of those who wait for what this very session holds, the longest waiting first.
--
-- Grain: one row per waiting session that came over a network. Repeatable: reads only. Parameters: :holder

SELECT session.client_port
FROM pg_stat_activity AS session
WHERE :holder = any(pg_blocking_pids(session.pid)) AND session.client_port > 0
ORDER BY session.query_start
