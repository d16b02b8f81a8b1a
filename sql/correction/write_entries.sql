-- Keep the quarantine entries that a correction changed, as they were and as they became.
--
-- Grain: one row per entry. Repeatable: in its transaction. Parameters: :correction_id, :feed

INSERT INTO operation.correction_entry (correction_id, feed, record_id, content_hash, before, after)
SELECT
    :correction_id,
    :feed,
    entry.record_id,
    entry.content_hash,
    entry.before,
    entry.after
FROM correction_entry_changes AS entry
