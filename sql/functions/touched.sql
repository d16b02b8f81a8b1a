-- What notes which records a statement wrote about; xinyong.touched puts it on every table that a delta follows from.
--
-- Grain: one row per record and statement. Repeatable: yes, it replaces itself. Parameters: none.
-- The argument of the trigger is the record type, where the table does not say it. What wrote very many rows, or
-- emptied a table, touches everything.

CREATE OR REPLACE FUNCTION publication.touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO publication.touched DEFAULT VALUES;
    ELSIF (SELECT count(*) FROM (SELECT FROM changed LIMIT 200001) AS counted) > 200000 THEN
        INSERT INTO publication.touched DEFAULT VALUES;
    ELSIF TG_NARGS = 1 THEN
        INSERT INTO publication.touched (record_type, record_id)
        SELECT TG_ARGV[0], changed.record_id FROM changed;
    ELSIF TG_TABLE_SCHEMA = 'publication' THEN
        INSERT INTO publication.touched (platform, record_type, record_id)
        SELECT changed.platform, changed.record_type, changed.record_id FROM changed;
    ELSE
        INSERT INTO publication.touched (record_type, record_id)
        SELECT changed.record_type, changed.record_id FROM changed;
    END IF;
    RETURN NULL;
END
$$;
