-- Find the quarantine entries whose state, or the rules they break, a correction changed; sightings play no part.
--
-- Grain: one row per entry. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_entry_changes ON COMMIT DROP AS
WITH entries_now AS (
    SELECT
        entry.record_id,
        entry.content_hash,
        entry.document,
        entry.state,
        entry.rule_codes
    FROM quality.quarantine AS entry
    WHERE entry.feed = :feed
)

SELECT
    coalesce(after.record_id, before.record_id) AS record_id,
    coalesce(after.content_hash, before.content_hash) AS content_hash,
    coalesce(before.state, '') AS state_before,
    coalesce(after.state, '') AS state_after,
    after.document,
    before.rule_codes AS rules_before,
    after.rule_codes AS rules_after
FROM correction_entries AS before
FULL JOIN entries_now AS after
    ON before.record_id = after.record_id AND before.content_hash = after.content_hash
WHERE before.state IS DISTINCT FROM after.state OR before.rule_codes IS DISTINCT FROM after.rule_codes
