-- Create the tables of corrections: plans, restatements, retracted batches.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

COMMENT ON SCHEMA operation IS 'What the pipeline knows about its own runs'
