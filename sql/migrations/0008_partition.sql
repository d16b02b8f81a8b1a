-- Divide history by record and landing by batch; tables that hold data are divided as they are.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: the number of partitions of a history table,
-- as the setting `xinyong.history_partitions` of the transaction. Views on divided tables are made anew afterwards.

-- The partitions; everyone else names the whole tables.
CREATE SCHEMA storage;

-- The day on which the rows of a batch were dropped because the feed keeps them no longer.
ALTER TABLE landing.batch ADD COLUMN dropped_on date;

DO $$
DECLARE
    undivided record;
    whole text;
    at bigint;
BEGIN
    FOR undivided IN
        SELECT
            namespace.nspname AS schema_name,
            class.relname AS table_name,
            bool_or(attribute.attname = 'unknown_columns') AS is_landing
        FROM pg_class AS class
        INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
        INNER JOIN pg_attribute AS attribute ON class.oid = attribute.attrelid
        WHERE class.relkind = 'r' AND namespace.nspname IN ('landing', 'warehouse')
        GROUP BY 1, 2
        HAVING
            count(*) FILTER (WHERE attribute.attname IN ('batch_id', 'row_number', 'unknown_columns')) = 3
            OR count(*) FILTER (
                WHERE attribute.attname IN ('record_id', 'batch_id', 'row_number', 'content_hash', 'valid_from')
            ) = 5
    LOOP
        whole := format('storage.%I', concat('whole_', undivided.table_name));
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA storage', undivided.schema_name, undivided.table_name);
        EXECUTE format('ALTER TABLE storage.%I RENAME TO %I', undivided.table_name, concat('whole_', undivided.table_name));
        IF undivided.is_landing THEN
            EXECUTE format(
                'CREATE TABLE landing.%I (LIKE %s INCLUDING DEFAULTS, PRIMARY KEY (batch_id, row_number)) '
                'PARTITION BY LIST (batch_id)', undivided.table_name, whole
            );
            FOR at IN EXECUTE format('SELECT DISTINCT batch_id FROM %s', whole) LOOP
                EXECUTE format(
                    'CREATE TABLE storage.%I PARTITION OF landing.%I FOR VALUES IN (%s)',
                    concat('landed_', undivided.table_name, '_', at), undivided.table_name, at
                );
            END LOOP;
        ELSE
            EXECUTE format(
                'CREATE TABLE warehouse.%I (LIKE %s INCLUDING DEFAULTS, PRIMARY KEY (record_id, batch_id)) '
                'PARTITION BY HASH (record_id)', undivided.table_name, whole
            );
            FOR at IN 0 .. current_setting('xinyong.history_partitions')::int - 1 LOOP
                EXECUTE format(
                    'CREATE TABLE storage.%I PARTITION OF warehouse.%I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                    concat('versions_', undivided.table_name, '_', at),
                    undivided.table_name, current_setting('xinyong.history_partitions'), at
                );
            END LOOP;
        END IF;
        EXECUTE format('INSERT INTO %I.%I SELECT * FROM %s', undivided.schema_name, undivided.table_name, whole);
        EXECUTE format('DROP TABLE %s CASCADE', whole);
    END LOOP;
END
$$
