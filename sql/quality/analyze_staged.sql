-- Tell the planner how large a freshly staged batch is.
--
-- Grain: one table. Repeatable: yes. Parameters: none; the name follows the catalogue's feed.

ANALYZE {{ staged }} (record_id, row_number, content_hash)
