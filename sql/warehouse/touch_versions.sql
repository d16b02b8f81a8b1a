-- Remember the records of which a batch wrote versions, before they are taken back.
--
-- Grain: one row per record. Repeatable: yes. Parameters: :batch_id

INSERT INTO touched (record_id)
SELECT version.record_id
FROM {{ history }} AS version
WHERE version.batch_id = :batch_id
ON CONFLICT (record_id) DO NOTHING
