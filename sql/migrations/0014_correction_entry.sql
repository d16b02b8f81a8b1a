-- Drop what corrections kept of quarantine entries: what was known of one before a batch follows from its sightings.
--
-- Grain: one table. Repeatable: no, Alembic runs it once. Parameters: none.

DROP TABLE operation.correction_entry;
