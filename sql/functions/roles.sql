-- The roles of the warehouse: the publisher sees the gate's views and nothing behind, the reader what is checked.
--
-- Grain: two roles. Repeatable: yes. Parameters: none.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'xinyong_publisher') THEN
        CREATE ROLE xinyong_publisher NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'xinyong_reader') THEN
        CREATE ROLE xinyong_reader NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of the server was migrated meanwhile
END
$$;

DO $$
BEGIN
    EXECUTE format('GRANT xinyong_publisher, xinyong_reader TO %I', current_user);
EXCEPTION
    WHEN invalid_grant_operation OR insufficient_privilege OR unique_violation THEN NULL;  -- granted already
END
$$;

GRANT USAGE ON SCHEMA publication TO xinyong_publisher;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA publication TO xinyong_publisher;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA publication TO xinyong_publisher;
GRANT USAGE ON SCHEMA warehouse TO xinyong_reader;
