-- Let readers see what was checked and stored, and nothing before that.
--
-- Grain: all tables and views of the schema. Repeatable: yes. Parameters: none.

GRANT SELECT ON ALL TABLES IN SCHEMA warehouse TO xinyong_reader
