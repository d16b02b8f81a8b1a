-- Keep what evaluators found that had not been reported, and how many codes of parties are wrong or shared.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- A decision that an evaluator found (on a site, in a file) while no platform had been told of it. One decision is
-- concealed once, however often it is found; brackets and blanks in its number do not matter.
CREATE TABLE quality.finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_type text NOT NULL,
    section text NOT NULL,
    document text NOT NULL,
    document_key text NOT NULL,
    party text,
    decided_on date,
    found_on date NOT NULL,
    found_by text NOT NULL,
    person text NOT NULL,
    note text,
    recorded_on date NOT NULL,
    UNIQUE (record_type, document_key)
);

-- The unified codes in what a feed held on a date: all different ones, those that are no code, and those that stand
-- beside more than one name.
CREATE TABLE quality.code_day (
    business_date date NOT NULL,
    section text NOT NULL,
    feed text NOT NULL,
    record_type text NOT NULL,
    code_count bigint NOT NULL,
    wrong_count bigint NOT NULL,
    shared_count bigint NOT NULL,
    PRIMARY KEY (business_date, feed)
);
