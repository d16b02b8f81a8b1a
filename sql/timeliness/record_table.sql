-- Make room for the records whose timeliness is measured, whatever platform they go to.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE measured_record (
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    feed text NOT NULL,
    document text,
    party text,
    party_kind text,
    decision_date date,
    disclosure text,
    hidden_from date,
    first_known date NOT NULL,
    first_stored date,
    PRIMARY KEY (record_type, record_id)
) ON COMMIT DROP
