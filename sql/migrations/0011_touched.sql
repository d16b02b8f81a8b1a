-- Create what a delta needs to look only at the records that may differ since the one before it.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- Which records something was written about, by the transaction that wrote it. NULL means all: every platform, every
-- record type, every record. Rows are only ever added, by triggers; what all platforms have seen is removed.
CREATE TABLE publication.touched (
    xid bigint NOT NULL DEFAULT cast(cast(pg_current_xact_id() AS text) AS bigint),
    platform text,
    record_type text,
    record_id uuid
);

-- What a platform's last delta of a record type has seen: the date of the gate, what was committed by then (as a
-- pg_snapshot, which Alembic cannot read), and what decided.
CREATE TABLE publication.compared (
    platform text NOT NULL,
    record_type text NOT NULL,
    logical_date date NOT NULL,
    seen text NOT NULL,
    definition text NOT NULL,
    PRIMARY KEY (platform, record_type)
);

-- The records that the gate is asked for one by one; each night replaces its own.
CREATE UNLOGGED TABLE publication.asked (
    platform text NOT NULL,
    record_type text NOT NULL,
    record_id uuid
);
CREATE INDEX asked_by_type ON publication.asked (platform, record_type);

-- What takes effect between two dates.
CREATE INDEX act_by_effect ON warehouse.act (effective_on);
CREATE INDEX first_receipt_by_date ON publication.first_receipt (platform, record_type, business_date);
