-- Find the records of an incremental feed by the system's own id, which tells when one was given another key.
--
-- Grain: one index per incremental feed that has such an id. Repeatable: yes. Parameters: none.

CREATE INDEX IF NOT EXISTS {{ index }} ON {{ history }} (source_id) WHERE feed = {{ feed_name }}
