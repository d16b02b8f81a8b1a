-- Create the tables of acts about records: cases, their clocks, disclosure.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

COMMENT ON SCHEMA operation IS 'What the pipeline knows about its own runs'
