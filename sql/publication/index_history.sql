-- Index a column of a history by which a delta looks for records: their subject, or a date on which they change.
--
-- Grain: one index. Repeatable: yes. Parameters: none.

CREATE INDEX IF NOT EXISTS {{ index }} ON {{ history }} ({{ column }}) WHERE {{ column }} IS NOT NULL
