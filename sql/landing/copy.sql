-- Take rows from the client as COPY's own text; an empty cell is NULL.
--
-- Grain: one row per line. Repeatable: inside its transaction only. Parameters: none; table and columns
-- come from the catalogue.

COPY {{ table }} ({{ columns }}) FROM STDIN WITH (FORMAT text, NULL '')
