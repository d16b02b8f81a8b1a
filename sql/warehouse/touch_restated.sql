-- Remember the records whose history is written anew, for the validity of their versions.
--
-- Grain: one row per record. Repeatable: yes. Parameters: none.

INSERT INTO touched (record_id)
SELECT restated.record_id
FROM restated
ON CONFLICT (record_id) DO NOTHING
