-- Create a database on the server: empty, or as a copy of another one to which nobody is connected.
--
-- Grain: one database.
-- Repeatable: no; the caller takes "already exists" for an answer.
-- Parameters: the identifiers database and template (may be empty), checked by the caller

CREATE DATABASE {{ database }}{% if template %} TEMPLATE {{ template }} STRATEGY FILE_COPY{% endif %};  -- noqa: PRS
