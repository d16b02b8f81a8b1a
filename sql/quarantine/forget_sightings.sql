-- Set the entries of a feed back to their first sight, where batches that are judged anew had seen or closed them.
--
-- Grain: the entries of one feed. Repeatable: yes; storing the batches again restores what holds.
-- Parameters: :feed, :since

UPDATE quality.quarantine AS entry
SET
    state = 'open',
    last_batch_id = CASE WHEN last_seen.known_at >= :since THEN same.first_batch_id ELSE same.last_batch_id END,
    closed_on = NULL,
    closed_by_batch_id = NULL,
    person = NULL,
    reason = NULL
FROM quality.quarantine AS same
INNER JOIN landing.batch AS last_seen ON same.last_batch_id = last_seen.batch_id
LEFT JOIN landing.batch AS closing ON same.closed_by_batch_id = closing.batch_id
WHERE
    entry.feed = :feed
    AND same.feed = entry.feed
    AND same.record_id = entry.record_id
    AND same.content_hash = entry.content_hash
    AND (last_seen.known_at >= :since OR closing.known_at >= :since)
