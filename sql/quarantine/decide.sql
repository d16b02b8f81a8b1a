-- Write down what a person decided about one entry; it covers the rules broken now, from the batch last seen on.
--
-- Grain: one decision. Repeatable: yes, a later decision replaces it.
-- Parameters: :feed, :record_id, :number, :act, :person, :reason, :decided_on

INSERT INTO quality.decision AS known (
    feed, record_id, content_hash, act, rule_codes, since, decided_on, person, reason
)
SELECT
    entry.feed,
    entry.record_id,
    entry.content_hash,
    :act,
    entry.rule_codes,
    last_seen.known_at,
    :decided_on,
    :person,
    :reason
FROM quality.quarantine AS entry
INNER JOIN landing.batch AS last_seen ON entry.last_batch_id = last_seen.batch_id
WHERE
    entry.feed = :feed
    AND entry.record_id = cast(:record_id AS uuid)
    AND starts_with(encode(entry.content_hash, 'hex'), :number)
ON CONFLICT (feed, record_id, content_hash) DO UPDATE
    SET
        act = excluded.act,
        rule_codes = excluded.rule_codes,
        since = excluded.since,
        decided_on = excluded.decided_on,
        person = excluded.person,
        reason = excluded.reason
RETURNING known.since
