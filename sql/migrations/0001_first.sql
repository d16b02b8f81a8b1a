-- The tables that do not follow the catalogue: batches, verdicts, subjects' identifiers, messages and ledgers.
--
-- Grain: one schema per layer. Repeatable: no, Alembic runs it once. Parameters: none.

CREATE SCHEMA landing;
CREATE SCHEMA quality;
CREATE SCHEMA warehouse;
CREATE SCHEMA publication;
CREATE SCHEMA operation;

-- What one intake run read, as received; `known_at` orders batches, never the clock of the run.
CREATE TABLE landing.batch (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed text NOT NULL,
    record_type text NOT NULL,
    business_date date NOT NULL,
    known_at timestamptz NOT NULL,
    checksum text NOT NULL,
    origin text NOT NULL,
    row_count bigint NOT NULL,
    unknown_columns text[] NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('landed', 'checked', 'stored', 'refused')),
    UNIQUE (feed, known_at)
);

-- What came of each feed on each business date, also when there is no batch.
CREATE TABLE operation.intake (
    feed text NOT NULL,
    business_date date NOT NULL,
    batch_id bigint REFERENCES landing.batch (batch_id),
    outcome text NOT NULL CHECK (outcome IN ('landed', 'unavailable', 'unreadable')),
    problem text,
    PRIMARY KEY (feed, business_date)
);

-- The feeds of the catalogue, for queries that need their precedence and owner.
CREATE TABLE operation.feed (
    feed text PRIMARY KEY,
    record_type text NOT NULL,
    section text NOT NULL,
    precedence int NOT NULL
);

-- Tables that follow the catalogue change by recorded steps only.
CREATE TABLE operation.catalogue_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ddl text NOT NULL
);

-- Law 1 per feed: a row that does not balance cannot be written.
CREATE TABLE operation.feed_ledger (
    business_date date NOT NULL,
    feed text NOT NULL,
    batch_id bigint,
    outcome text NOT NULL CHECK (
        outcome IN ('stored', 'unchanged', 'refused', 'unavailable', 'unreadable', 'incomplete')
    ),
    problem text,
    received bigint NOT NULL,
    accepted bigint NOT NULL,
    quarantined bigint NOT NULL,
    unchanged bigint NOT NULL,
    duplicate bigint NOT NULL,
    refused bigint NOT NULL,
    ended bigint NOT NULL,
    PRIMARY KEY (business_date, feed),
    CONSTRAINT conservation CHECK (received = accepted + quarantined + unchanged + duplicate + refused)
);

-- Law 1 and law 4 per platform and night.
CREATE TABLE publication.platform_ledger (
    business_date date NOT NULL,
    platform text NOT NULL,
    message_count bigint NOT NULL,
    items bigint NOT NULL,
    accepted bigint NOT NULL,
    rejected bigint NOT NULL,
    open bigint NOT NULL,
    desired_count bigint NOT NULL,
    published_count bigint NOT NULL,
    standing_rejections bigint NOT NULL,
    desired_hash text NOT NULL,
    published_hash text NOT NULL,
    listing_difference bigint,
    problem text,
    PRIMARY KEY (business_date, platform),
    CONSTRAINT conservation CHECK (items = accepted + rejected + open)
);

CREATE TABLE quality.rule (
    rule_code text PRIMARY KEY,
    record_type text NOT NULL,
    field text,
    severity text NOT NULL CHECK (severity IN ('critical', 'warning', 'info')),
    dimension text NOT NULL,
    says text NOT NULL,
    basis text NOT NULL
);

-- Every failing (record, rule), without any cap.
CREATE TABLE quality.violation (
    batch_id bigint NOT NULL,
    row_number int NOT NULL,
    rule_code text NOT NULL,
    PRIMARY KEY (batch_id, row_number, rule_code)
);

CREATE TABLE quality.rule_result (
    batch_id bigint NOT NULL,
    rule_code text NOT NULL,
    state text NOT NULL CHECK (state IN ('passed', 'failed', 'not_applicable', 'error')),
    applied_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    message text,
    PRIMARY KEY (batch_id, rule_code)
);

-- Records set aside until their section repairs them; one entry per record and content.
CREATE TABLE quality.quarantine (
    feed text NOT NULL,
    record_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    record_type text NOT NULL,
    section text NOT NULL,
    source_id text,
    document text,
    party text,
    rule_codes text[] NOT NULL,
    first_batch_id bigint NOT NULL,
    last_batch_id bigint NOT NULL,
    row_number int NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'fixed_at_source', 'waived', 'released')),
    opened_on date NOT NULL,
    closed_on date,
    closed_by_batch_id bigint,
    person text,
    reason text,
    PRIMARY KEY (feed, record_id, content_hash)
);

-- What the door knows about each batch's rows once they are judged and stored (law 1).
CREATE TABLE warehouse.store_result (
    batch_id bigint PRIMARY KEY,
    received bigint NOT NULL,
    accepted bigint NOT NULL,
    quarantined bigint NOT NULL,
    unchanged bigint NOT NULL,
    duplicate bigint NOT NULL,
    ended bigint NOT NULL,
    deletions_held bigint NOT NULL,
    CONSTRAINT conservation CHECK (received = accepted + quarantined + unchanged + duplicate)
);

-- Every number a subject is known by; `kind` is uscc, registration_number or organisation_code.
CREATE TABLE warehouse.identifier (
    kind text NOT NULL,
    value text NOT NULL,
    subject_id uuid NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE TABLE warehouse.working_day (
    day date PRIMARY KEY,
    is_working boolean NOT NULL,
    ordinal int NOT NULL,
    is_provisional boolean NOT NULL,
    notice text NOT NULL
);

CREATE TABLE warehouse.deadline (
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    decision_date date NOT NULL,
    due_date date NOT NULL,
    is_provisional boolean NOT NULL,
    PRIMARY KEY (record_type, record_id)
);

CREATE TABLE warehouse.dossier (
    subject_id uuid PRIMARY KEY,
    record_count bigint NOT NULL,
    counts jsonb NOT NULL,
    latest_dates jsonb NOT NULL,
    latest_date date
);

-- Records whose public state changed because days passed, per date.
CREATE TABLE warehouse.publicity_ended (
    business_date date NOT NULL,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    public_until date NOT NULL,
    PRIMARY KEY (business_date, record_type, record_id)
);

CREATE TABLE publication.message (
    platform text NOT NULL,
    number bigint NOT NULL,
    business_date date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('data', 'nothing_to_report')),
    record_type text,
    item_count int NOT NULL,
    idempotency_key text NOT NULL UNIQUE,
    body_hash text NOT NULL,
    previous_hash text NOT NULL,
    signature text NOT NULL,
    state text NOT NULL CHECK (state IN ('written', 'sent', 'unknown', 'answered', 'refused')),
    problem text,
    PRIMARY KEY (platform, number)
);
CREATE INDEX message_by_date ON publication.message (platform, business_date);

-- The delta, item by item, as it was written down before anything was sent; its receipt stands beside it.
CREATE TABLE publication.item (
    platform text NOT NULL,
    number bigint NOT NULL,
    position int NOT NULL,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    operation text NOT NULL CHECK (operation IN ('add', 'update', 'withdraw', 'restore')),
    reason text,
    natural_key text NOT NULL,
    content_hash bytea NOT NULL,
    payload jsonb NOT NULL,
    is_linked boolean NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected')),
    error_code text,
    error_field text,
    error_text text,
    PRIMARY KEY (platform, number, position),
    FOREIGN KEY (platform, number) REFERENCES publication.message (platform, number)
);
CREATE INDEX item_by_record ON publication.item (record_id, platform);

-- What receipts confirmed: the published state.
CREATE TABLE publication.published (
    platform text NOT NULL,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    natural_key text NOT NULL,
    content_hash bytea NOT NULL,
    number bigint NOT NULL,
    position int NOT NULL,
    PRIMARY KEY (platform, record_type, record_id)
);
