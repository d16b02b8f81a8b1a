-- Forget the quarantine entries first seen at a moment or later; storing the batches again restores those that hold.
--
-- Grain: the entries of one feed. Repeatable: yes. Parameters: :feed, :since

DELETE FROM quality.quarantine AS entry
USING landing.batch AS first_seen
WHERE entry.feed = :feed AND entry.first_batch_id = first_seen.batch_id AND first_seen.known_at >= :since
