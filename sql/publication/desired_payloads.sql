-- List what a platform should show of one record type, as the platform would be told it.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: none; the logical date was set before.

SELECT
    gate.natural_key,
    gate.payload
FROM publication.{{ view }} AS gate
WHERE gate.fits
