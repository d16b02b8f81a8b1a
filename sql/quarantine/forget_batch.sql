-- Forget which quarantine entries a batch set aside or ended, because it is stored again or says nothing any more.
--
-- Grain: the sightings of one batch. Repeatable: yes. Parameters: :batch_id

DELETE FROM quality.sighting AS sighting
WHERE sighting.batch_id = :batch_id
