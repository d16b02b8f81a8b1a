-- Keep what a person decided about a quarantined content, apart from the entry, which follows the batches.
--
-- Grain: one decision per feed, record and content; a later one replaces it. Repeatable: no, Alembic runs it once.
-- Parameters: none.

-- It covers the rules that were broken when it was taken, and batches known from `since` on: neither a new rule nor
-- an earlier batch that arrives late falls under it.
CREATE TABLE quality.decision (
    feed text NOT NULL,
    record_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    act text NOT NULL CHECK (act IN ('waived', 'released')),
    rule_codes text[] NOT NULL,
    since timestamptz NOT NULL,
    decided_on date NOT NULL,
    person text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (feed, record_id, content_hash)
);
