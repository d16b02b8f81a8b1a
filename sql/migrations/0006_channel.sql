-- Create what channels, verification and drift need.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- Form 1 hashed a digest of each item; form 2 hashes the items themselves as canonical JSON (xinyong.chain).
ALTER TABLE publication.message ADD COLUMN form smallint NOT NULL DEFAULT 1;
ALTER TABLE publication.message ADD COLUMN algorithm text NOT NULL DEFAULT 'HMAC-SM3';

ALTER TABLE publication.platform_ledger ADD COLUMN unfit bigint NOT NULL DEFAULT 0;

-- Law 4 per bucket of subjects: what should be shown, what receipts confirmed, and what the messages give when all of
-- them are replayed onto nothing.
CREATE TABLE publication.bucket_hash (
    business_date date NOT NULL,
    platform text NOT NULL,
    bucket int NOT NULL,
    side text NOT NULL CHECK (side IN ('desired', 'published', 'replayed')),
    record_count bigint NOT NULL,
    set_hash text NOT NULL,
    PRIMARY KEY (business_date, platform, bucket, side)
);

-- What a verification found, as a plan: applying it corrects the published state by what the platform, or the replayed
-- messages, show; the next reconcile tells what follows. `number` and `position` point to the item that told it last;
-- `applied_after` is the latest message when it was applied.
CREATE TABLE publication.repair (
    platform text NOT NULL,
    plan int NOT NULL,
    record_type text NOT NULL,
    natural_key text NOT NULL,
    finding text NOT NULL CHECK (
        finding IN ('missing', 'changed', 'extra', 'duplicate', 'foreign', 'lost', 'unknown', 'stale')
    ),
    record_id uuid,
    known_hash text,
    shown_hash text,
    number bigint,
    position int,
    state text NOT NULL CHECK (state IN ('planned', 'for_a_person', 'applied', 'outdated')),
    person text NOT NULL,
    planned_on date NOT NULL,
    applied_by text,
    applied_on date,
    applied_after bigint,
    PRIMARY KEY (platform, plan, record_type, natural_key, finding)
)
