-- Create the tables of acts about records: what a person decided, its clock, and what each platform confirmed of it.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- One act of a person about one record. Nothing here changes: an act recorded in error is answered by a reversal.
-- `last_hash` (of the live content) and `last_numbers` (of each platform's messages) say what was known when it was
-- recorded: only what came after can follow from it.
CREATE TABLE warehouse.act (
    act_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL CHECK (
        kind IN (
            'annulment',
            'repair',
            'objection',
            'upheld',
            'dismissed',
            'correction',
            'retraction',
            'disclosure',
            'reversal'
        )
    ),
    effective_on date NOT NULL,
    known_on date NOT NULL,
    counted_from date NOT NULL,
    working_days int NOT NULL CHECK (working_days > 0),
    answer_days int CHECK (answer_days > 0),
    person text NOT NULL CHECK (person <> ''),
    basis text NOT NULL CHECK (basis <> ''),
    document_number text NOT NULL CHECK (document_number <> ''),
    reason text NOT NULL,
    answers bigint REFERENCES warehouse.act (act_id),
    disclosure text CHECK (disclosure IN ('public', 'on_authorisation', 'government_only')),
    fields text[],
    document text,
    party text,
    section text,
    last_hash bytea,
    last_numbers jsonb NOT NULL,
    UNIQUE (record_id, record_type, kind, effective_on, document_number),
    CHECK (effective_on <= known_on),
    CHECK ((kind = 'disclosure') = (disclosure IS NOT NULL)),
    CHECK ((kind IN ('upheld', 'dismissed', 'reversal')) = (answers IS NOT NULL)),
    CHECK ((kind = 'objection') = (answer_days IS NOT NULL))
);
CREATE INDEX act_by_answer ON warehouse.act (answers);

-- What a platform confirmed of an act: its receipt, and whether its own listing was asked and agreed.
CREATE TABLE warehouse.act_confirmation (
    act_id bigint NOT NULL REFERENCES warehouse.act (act_id),
    platform text NOT NULL,
    confirmed_on date NOT NULL,
    number bigint NOT NULL,
    position int NOT NULL,
    proof text NOT NULL CHECK (proof IN ('receipt', 'receipt_and_listing')),
    PRIMARY KEY (act_id, platform)
);

CREATE FUNCTION warehouse.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'acts are never changed or removed; record a reversal';
END
$$;

CREATE TRIGGER act_stays BEFORE UPDATE OR DELETE ON warehouse.act
FOR EACH ROW EXECUTE FUNCTION warehouse.refuse_change();
CREATE TRIGGER act_confirmation_stays BEFORE UPDATE OR DELETE ON warehouse.act_confirmation
FOR EACH ROW EXECUTE FUNCTION warehouse.refuse_change();

-- The ending views are one per platform now; those of before go away with the record types' other views.
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN SELECT viewname FROM pg_views WHERE schemaname = 'publication' AND viewname LIKE 'ending\_%' LOOP
        EXECUTE format('DROP VIEW publication.%I', old.viewname);
    END LOOP;
END
$$;
