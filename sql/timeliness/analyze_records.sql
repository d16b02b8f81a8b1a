-- Let the planner know how many records are measured.
--
-- Grain: one table. Repeatable: yes. Parameters: none.

ANALYZE measured_record
