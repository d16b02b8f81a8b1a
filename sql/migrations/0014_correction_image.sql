-- Keep what was believed of a record before a correction, instead of copies of quarantine entries.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- What was known of a quarantine entry before a batch follows from its sightings.
DROP TABLE operation.correction_entry;

-- The versions that a feed had of a record right before a correction was applied or taken back; none is an empty list.
-- Identity numbers are sealed as they are stored. The numbers tell the order of what happened.
CREATE TABLE operation.correction_image (
    image_number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    happened_on date NOT NULL,
    record_type text NOT NULL,
    feed text NOT NULL,
    record_id uuid NOT NULL,
    versions jsonb NOT NULL
);
CREATE INDEX correction_image_by_record ON operation.correction_image (record_id, feed, happened_on);
CREATE INDEX correction_image_by_type ON operation.correction_image (record_type, happened_on);
