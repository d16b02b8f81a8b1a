-- Remove the quarantine entries that a correction changed, before they are put back as they were.
--
-- Grain: the entries of one correction. Repeatable: yes. Parameters: :correction_id

DELETE FROM quality.quarantine AS entry
USING operation.correction_entry AS kept
WHERE
    kept.correction_id = :correction_id
    AND entry.feed = kept.feed
    AND entry.record_id = kept.record_id
    AND entry.content_hash = kept.content_hash
