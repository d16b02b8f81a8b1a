-- List the staged tables that stand, each with its schema.
--
-- Grain: one row per table. Repeatable: reads only. Parameters: none.

SELECT concat_ws('.', schemaname, tablename) AS staged
FROM pg_tables
WHERE schemaname = 'quality' AND starts_with(tablename, 'staged_')
