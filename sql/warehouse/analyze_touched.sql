-- Tell the planner how few records were touched, so that it looks them up and does not read the history.
--
-- Grain: one table of the session. Repeatable: yes. Parameters: none.

ANALYZE touched (record_id)
