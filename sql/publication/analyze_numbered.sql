-- Tell the planner how large a numbered delta is; without that it takes every delta for a small one.
--
-- Grain: one temporary table. Repeatable: yes. Parameters: none.

ANALYZE numbered (record_id, record_type)
