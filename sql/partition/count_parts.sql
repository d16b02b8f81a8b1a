-- Count the partitions of a table.
--
-- Grain: one row. Repeatable: reads only. Parameters: :whole

SELECT count(*)
FROM pg_inherits
WHERE inhparent = cast(:whole AS regclass)
