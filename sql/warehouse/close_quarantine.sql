-- Close the entries of a feed that were last seen before a batch, which shows them no more or shows them corrected.
--
-- Grain: the entries of one feed. Repeatable: yes. Parameters: :feed, :batch_id, :known_at, :business_date, :is_full
-- An entry that a later batch had closed is closed by this one, which is known earlier.

UPDATE quality.quarantine AS entry
SET
    state = 'fixed_at_source',
    closed_on = :business_date,
    closed_by_batch_id = :batch_id,
    reason = CASE
        WHEN EXISTS (
            SELECT FROM observed
            WHERE observed.record_id = entry.record_id
        ) THEN 'corrected'
        ELSE 'no longer delivered like this'
    END
FROM landing.batch AS last_seen
WHERE
    entry.feed = :feed
    AND entry.last_batch_id = last_seen.batch_id
    AND last_seen.known_at < :known_at
    AND (
        entry.state = 'open'
        OR (
            entry.state = 'fixed_at_source'
            AND EXISTS (
                SELECT FROM landing.batch AS closing
                WHERE closing.batch_id = entry.closed_by_batch_id AND closing.known_at > :known_at
            )
        )
    )
    AND (:is_full OR EXISTS (
        SELECT FROM observed
        WHERE observed.record_id = entry.record_id
    ))
