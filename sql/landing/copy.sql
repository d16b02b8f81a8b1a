-- Take rows from the client as CSV; an empty unquoted cell is NULL.
--
-- Grain: one row per CSV line. Repeatable: inside its transaction only. Parameters: none; table and columns
-- come from the catalogue.

COPY {{ table }} ({{ columns }}) FROM STDIN WITH (FORMAT csv)
