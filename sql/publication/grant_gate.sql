-- Let the publisher read the gate's views.
--
-- Grain: all views of the schema. Repeatable: yes. Parameters: none.

GRANT SELECT ON ALL TABLES IN SCHEMA publication TO xinyong_publisher
