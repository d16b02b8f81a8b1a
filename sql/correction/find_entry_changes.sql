-- Find the quarantine entries that a correction opened, closed, changed or removed.
--
-- Grain: one row per entry. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_entry_changes ON COMMIT DROP AS
WITH entries_now AS (
    SELECT entry.*
    FROM quality.quarantine AS entry
    WHERE entry.feed = :feed
)

SELECT
    coalesce(after.record_id, before.record_id) AS record_id,
    coalesce(after.content_hash, before.content_hash) AS content_hash,
    coalesce(before.state, '') AS state_before,
    coalesce(after.state, '') AS state_after,
    CASE WHEN before.feed IS NOT NULL THEN to_jsonb(before) END AS before,
    CASE WHEN after.feed IS NOT NULL THEN to_jsonb(after) END AS after
FROM correction_entries AS before
FULL JOIN entries_now AS after
    ON before.record_id = after.record_id AND before.content_hash = after.content_hash
WHERE to_jsonb(before) IS DISTINCT FROM to_jsonb(after)
