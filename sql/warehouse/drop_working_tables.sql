-- Remove the working tables of one store step, so that the next batch of the same transaction starts clean.
--
-- Grain: temporary tables. Repeatable: yes. Parameters: none.

DROP TABLE IF EXISTS set_aside, observed, believed, news, missing
