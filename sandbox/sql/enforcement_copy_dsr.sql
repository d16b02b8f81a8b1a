-- Load the parties of the enforcement system from a stream in COPY's text format, columns in the order of the table.
--
-- Grain: one row per line. Repeatable: after the tables were emptied. Parameters: none.
COPY t_aj_dsr FROM STDIN;
