-- Find the first sight of the quarantine entries that a correction changed and that changed again since.
--
-- Grain: one row, NULL when none did. Repeatable: reads only. Parameters: :correction_id
-- Such an entry is put back as it was before the correction; what batches that came later have said of it follows when
-- the batches from its first sight on are stored again.

SELECT min(first_seen.known_at) AS known_at
FROM operation.correction_entry AS kept
LEFT JOIN quality.quarantine AS entry
    ON
        kept.feed = entry.feed
        AND kept.record_id = entry.record_id
        AND kept.content_hash = entry.content_hash
INNER JOIN landing.batch AS first_seen
    ON first_seen.batch_id IN (entry.first_batch_id, cast(kept.before ->> 'first_batch_id' AS bigint))
WHERE
    kept.correction_id = :correction_id
    AND to_jsonb(entry) IS DISTINCT FROM kept.after
