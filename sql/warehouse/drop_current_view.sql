-- Remove the view of a record type's current records before it is made anew.
--
-- Grain: one view and what reads it. Repeatable: yes. Parameters: none.

DROP VIEW IF EXISTS warehouse.{{ record_type }}_current CASCADE
