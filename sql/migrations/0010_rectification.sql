-- Keep what sections filled into their rectification lists, as it came back.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- A returned list: a delivery like any other, known by its content, so that the same file is taken in once.
CREATE TABLE landing.rectification (
    rectification_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    checksum bytea NOT NULL UNIQUE,
    origin text NOT NULL,
    section text NOT NULL,
    list_date date NOT NULL,
    received_on date NOT NULL,
    person text NOT NULL
);

-- One filled line, identity numbers sealed, and what became of it. Neither table is ever updated.
CREATE TABLE landing.rectification_line (
    rectification_id bigint NOT NULL REFERENCES landing.rectification (rectification_id),
    row_number int NOT NULL,
    feed text,
    number text,
    document text,
    field text,
    received text,
    corrected text,
    note text,
    outcome text NOT NULL CHECK (outcome IN ('taken', 'reminded', 'waiting', 'failed', 'refused')),
    sentences text[] NOT NULL,
    correction_id bigint REFERENCES operation.correction (correction_id),
    PRIMARY KEY (rectification_id, row_number)
);
