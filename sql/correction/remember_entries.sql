-- Remember the quarantine entries of a feed, to tell afterwards which a correction changed.
--
-- Grain: one row per entry. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_entries ON COMMIT DROP AS
SELECT entry.*
FROM quality.quarantine AS entry
WHERE entry.feed = :feed
