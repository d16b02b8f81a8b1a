-- Remember in which batches a quarantine entry was set aside, and in which it ended, beside its first and last sight.
--
-- Grain: one row per entry and batch that set it aside or ended it. Repeatable: no, Alembic runs it once.
-- Parameters: none. What was known of an entry before a batch can so be told without storing older batches again.

CREATE TABLE quality.sighting (
    feed text NOT NULL,
    record_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    batch_id bigint NOT NULL,
    row_number int,
    rule_codes text[],
    ended text CHECK (ended IN ('fixed_at_source', 'released')),
    person text,
    reason text,
    PRIMARY KEY (feed, record_id, content_hash, batch_id),
    CONSTRAINT seen_or_ended CHECK ((rule_codes IS NULL) = (ended IS NOT NULL))
);
CREATE INDEX sighting_of_batch ON quality.sighting (batch_id);

INSERT INTO quality.sighting (feed, record_id, content_hash, batch_id, ended, person, reason)
SELECT
    entry.feed,
    entry.record_id,
    entry.content_hash,
    entry.closed_by_batch_id,
    entry.state,
    entry.person,
    entry.reason
FROM quality.quarantine AS entry
WHERE entry.closed_by_batch_id IS NOT NULL;

INSERT INTO quality.sighting (feed, record_id, content_hash, batch_id, row_number, rule_codes)
SELECT
    entry.feed,
    entry.record_id,
    entry.content_hash,
    seen.batch_id,
    entry.row_number,
    entry.rule_codes
FROM quality.quarantine AS entry
CROSS JOIN LATERAL unnest(ARRAY[entry.first_batch_id, entry.last_batch_id]) AS seen (batch_id)
ON CONFLICT DO NOTHING;
