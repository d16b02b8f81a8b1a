-- Create the database of the enforcement system beside the warehouse.
--
-- Grain: one database. Repeatable: no, asked for only when the database is missing. Parameters: none.
CREATE DATABASE enforcement;
