-- Tell the planner how few records a batch speaks about, so that it looks them up and does not read the history.
--
-- Grain: one table of the session. Repeatable: yes. Parameters: none.

ANALYZE observed (record_id)
