-- Work out what a platform should show of one record type, once, for everything that compares with it.
--
-- Grain: one row per record that the gate lets through and the platform can take.
-- Repeatable: temporary, dropped with the transaction. Parameters: none.
-- PostgreSQL reads in parallel for a table that it makes, and not for rows that it inserts.

CREATE TEMPORARY TABLE desired ON COMMIT DROP AS
SELECT
    gate.record_id,
    gate.natural_key,
    gate.is_linked,
    gate.content_hash
FROM publication.{{ view }} AS gate
WHERE gate.fits
