-- Create the tables of corrections: plans, what they changed and kept, restatements, retracted batches.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- A correction: planned, applied, taken back. `effect` is what planning saw; `effect_hash` is what applying must meet.
CREATE TABLE operation.correction (
    correction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('re-extract', 're-judge', 'restate', 'disclosure', 'retract')),
    feed text NOT NULL,
    record_type text NOT NULL,
    parameters jsonb NOT NULL,
    since timestamptz,
    state text NOT NULL CHECK (state IN ('planned', 'applied', 'rolled_back')),
    effect jsonb NOT NULL,
    effect_hash text NOT NULL,
    plan_hash text NOT NULL,
    needs_approval boolean NOT NULL,
    planned_on date NOT NULL,
    planned_by text NOT NULL,
    planned_reason text NOT NULL,
    applied_number bigint UNIQUE,
    applied_on date,
    applied_by text,
    applied_reason text,
    rolled_back_on date,
    rolled_back_by text,
    rolled_back_reason text,
    CHECK (state = 'planned' OR (applied_on IS NOT NULL AND applied_by IS NOT NULL AND applied_reason IS NOT NULL)),
    CHECK (
        state <> 'rolled_back'
        OR (rolled_back_on IS NOT NULL AND rolled_back_by IS NOT NULL AND rolled_back_reason IS NOT NULL)
    )
);

-- The records a correction changed: their live versions before and after, identity numbers sealed as they are stored.
CREATE TABLE operation.correction_change (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    record_id uuid NOT NULL,
    operation text NOT NULL CHECK (operation IN ('entered', 'changed', 'withdrawn', 'history')),
    before jsonb,
    after jsonb,
    PRIMARY KEY (correction_id, record_id)
);
CREATE INDEX correction_change_by_record ON operation.correction_change (record_id);

-- The quarantine entries a correction changed, as they were; NULL is an entry that was not there.
CREATE TABLE operation.correction_entry (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    feed text NOT NULL,
    record_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    before jsonb,
    after jsonb,
    PRIMARY KEY (correction_id, feed, record_id, content_hash)
);

-- The batches a correction judged anew, with the verdicts that it replaced.
CREATE TABLE operation.correction_judged (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    batch_id bigint NOT NULL,
    rule_results jsonb NOT NULL,
    PRIMARY KEY (correction_id, batch_id)
);

CREATE TABLE operation.correction_violation (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    batch_id bigint NOT NULL,
    row_number int NOT NULL,
    rule_code text NOT NULL,
    PRIMARY KEY (correction_id, batch_id, row_number, rule_code)
);

-- The dates a correction read once more: where their intake pointed before, and the batch that came of it.
CREATE TABLE operation.correction_intake (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    business_date date NOT NULL,
    before jsonb,
    batch_id bigint NOT NULL,
    is_new boolean NOT NULL,
    PRIMARY KEY (correction_id, business_date)
);

-- The acts that a correction recorded about records.
CREATE TABLE operation.correction_act (
    correction_id bigint NOT NULL REFERENCES operation.correction (correction_id),
    act_id bigint NOT NULL,
    PRIMARY KEY (correction_id, act_id)
);

-- A content of a record that its source delivers and that is wrong, with the fields that are meant instead.
-- It holds for batches known from `since` on, and lapses by itself when the source delivers another content.
CREATE TABLE quality.restatement (
    restatement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    record_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    document text,
    fields jsonb NOT NULL,
    since timestamptz NOT NULL,
    restated_on date NOT NULL,
    person text NOT NULL,
    reason text NOT NULL,
    correction_id bigint REFERENCES operation.correction (correction_id),
    UNIQUE (feed, record_id, content_hash)
);

-- What each batch said of a restated record: the content after restating, NULL where a full compare lacks the record.
CREATE TABLE quality.restatement_seen (
    restatement_id bigint NOT NULL REFERENCES quality.restatement (restatement_id) ON DELETE CASCADE,
    batch_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    content_hash bytea,
    PRIMARY KEY (restatement_id, batch_id)
);
CREATE INDEX restatement_seen_by_batch ON quality.restatement_seen (batch_id);

-- A batch that should never have been loaded keeps its place and its rows, and says nothing any more.
ALTER TABLE landing.batch DROP CONSTRAINT batch_state_check;
ALTER TABLE landing.batch ADD CONSTRAINT batch_state_check
CHECK (state IN ('landed', 'checked', 'stored', 'refused', 'retracted'));
ALTER TABLE operation.feed_ledger DROP CONSTRAINT feed_ledger_outcome_check;
ALTER TABLE operation.feed_ledger ADD CONSTRAINT feed_ledger_outcome_check
CHECK (outcome IN ('stored', 'unchanged', 'refused', 'unavailable', 'unreadable', 'incomplete', 'retracted'));
