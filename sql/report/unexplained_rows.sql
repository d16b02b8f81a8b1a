-- List the records on which desired and published state differ although the platform answered for them.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: none; `delta` was filled before.

SELECT
    delta.record_type,
    delta.record_id::text AS record_id,
    delta.operation,
    delta.natural_key
FROM delta
ORDER BY delta.record_type, delta.natural_key
LIMIT 100
