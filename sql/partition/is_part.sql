-- Say whether a table is a partition already.
--
-- Grain: one row. Repeatable: reads only. Parameters: :part

SELECT relispartition
FROM pg_class
WHERE oid = cast(:part AS regclass)
