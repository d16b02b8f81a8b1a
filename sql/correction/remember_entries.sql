-- Remember what stands in the quarantine of a feed, to tell afterwards which entries a correction changed.
--
-- Grain: one row per entry. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_entries ON COMMIT DROP AS
SELECT
    entry.record_id,
    entry.content_hash,
    entry.state,
    entry.rule_codes
FROM quality.quarantine AS entry
WHERE entry.feed = :feed
