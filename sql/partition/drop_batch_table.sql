-- Drop the rows of one landed batch with their table.
--
-- Grain: one table. Repeatable: yes. Parameters: none.

DROP TABLE IF EXISTS {{ part }}
