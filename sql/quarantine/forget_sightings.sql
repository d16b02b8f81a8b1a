-- Set the entries of a feed back to what was known of them before a moment, since when batches are stored again.
--
-- Grain: the entries that a batch since then had seen or closed. Repeatable: yes; storing those batches again restores
-- what holds. Parameters: :feed, :since
-- An entry without an earlier sight keeps its first one, as the trace of what was set aside once.

UPDATE quality.quarantine AS entry
SET
    last_batch_id = coalesce(before.last_batch_id, same.first_batch_id),
    row_number = coalesce(before.row_number, same.row_number),
    rule_codes = coalesce(before.rule_codes, same.rule_codes),
    state = coalesce(before.ended, 'open'),
    closed_on = before.closed_on,
    closed_by_batch_id = before.closed_by_batch_id,
    person = before.person,
    reason = before.reason
FROM quality.quarantine AS same
INNER JOIN landing.batch AS last_seen ON same.last_batch_id = last_seen.batch_id
LEFT JOIN landing.batch AS closing ON same.closed_by_batch_id = closing.batch_id
LEFT JOIN LATERAL (
    SELECT
        seen.batch_id AS last_batch_id,
        seen.row_number,
        seen.rule_codes,
        ending.*
    FROM quality.sighting AS seen
    INNER JOIN landing.batch AS sight ON seen.batch_id = sight.batch_id
    LEFT JOIN LATERAL (
        SELECT
            later.ended,
            later.person,
            later.reason,
            end_batch.batch_id AS closed_by_batch_id,
            end_batch.business_date AS closed_on
        FROM quality.sighting AS later
        INNER JOIN landing.batch AS end_batch ON later.batch_id = end_batch.batch_id
        WHERE
            later.feed = seen.feed
            AND later.record_id = seen.record_id
            AND later.content_hash = seen.content_hash
            AND later.ended IS NOT NULL
            AND end_batch.known_at > sight.known_at
            AND end_batch.known_at < :since
        ORDER BY end_batch.known_at
        LIMIT 1
    ) AS ending ON TRUE
    WHERE
        seen.feed = same.feed
        AND seen.record_id = same.record_id
        AND seen.content_hash = same.content_hash
        AND seen.ended IS NULL
        AND sight.known_at < :since
    ORDER BY sight.known_at DESC
    LIMIT 1
) AS before ON TRUE
WHERE
    entry.feed = :feed
    AND same.feed = entry.feed
    AND same.record_id = entry.record_id
    AND same.content_hash = entry.content_hash
    AND (last_seen.known_at >= :since OR closing.known_at >= :since)
