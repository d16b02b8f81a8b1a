-- Close the entries of a feed that end with a batch and that no later batch sees again.
--
-- Grain: the entries that a batch ends. Repeatable: after end_sightings.
-- Parameters: :batch_id, :known_at, :business_date

UPDATE quality.quarantine AS entry
SET
    state = sighting.ended,
    closed_on = :business_date,
    closed_by_batch_id = :batch_id,
    person = sighting.person,
    reason = sighting.reason
FROM quality.sighting AS sighting
WHERE
    sighting.batch_id = :batch_id
    AND sighting.ended IS NOT NULL
    AND entry.feed = sighting.feed
    AND entry.record_id = sighting.record_id
    AND entry.content_hash = sighting.content_hash
    AND (
        SELECT last_seen.known_at FROM landing.batch AS last_seen
        WHERE last_seen.batch_id = entry.last_batch_id
    ) <= :known_at
