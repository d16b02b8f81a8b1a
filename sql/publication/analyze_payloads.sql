-- Tell the planner how many payloads there are.
--
-- Grain: one temporary table. Repeatable: yes. Parameters: none.

ANALYZE payloads (record_id)
