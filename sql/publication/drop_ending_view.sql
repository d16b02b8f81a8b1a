-- Remove the view of a record type's endings before it is made anew.
--
-- Grain: one view. Repeatable: yes. Parameters: none.

DROP VIEW IF EXISTS publication.{{ view }} CASCADE
