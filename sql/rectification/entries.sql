-- Find the quarantine entries that a returned list is about, whatever has become of them.
--
-- Grain: one row per entry; one without a readable key goes by its content. Repeatable: reads only.
-- Parameters: :feed, :numbers (beginnings of content hashes)

SELECT
    left(encode(entry.content_hash, 'hex'), 12) AS number,
    entry.content_hash,
    entry.document,
    entry.record_id <> encode(substr(entry.content_hash, 1, 16), 'hex')::uuid AS has_key,
    entry.state,
    entry.closed_on,
    entry.person,
    last_seen.batch_id,
    last_seen.known_at,
    last_seen.business_date
FROM quality.quarantine AS entry
INNER JOIN landing.batch AS last_seen ON entry.last_batch_id = last_seen.batch_id
WHERE entry.feed = :feed AND left(encode(entry.content_hash, 'hex'), 12) = any(:numbers)
ORDER BY entry.content_hash
