-- Tell the planner how large a history has become; without it a first load is joined as if the table were empty.
--
-- Grain: one table. Repeatable: yes. Parameters: none.

ANALYZE {{ history }} (record_id, batch_id, feed, subject_id, valid_to, ending)
