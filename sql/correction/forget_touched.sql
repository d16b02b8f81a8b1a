-- Remove the list of touched records, so that another step of the same transaction can make its own.
--
-- Grain: one temporary table. Repeatable: yes. Parameters: none.

DROP TABLE IF EXISTS touched
