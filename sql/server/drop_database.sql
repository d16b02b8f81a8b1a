-- Drop a database of the server and end the sessions that are still in it.
--
-- Grain: one database.
-- Repeatable: yes; a database that is not there is no error.
-- Parameters: the identifier database, checked by the caller

DROP DATABASE IF EXISTS {{ database }} WITH (FORCE);
