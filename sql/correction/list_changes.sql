-- List the records that a correction changed: those that people notice first.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :most

SELECT
    cast(changed.record_id AS text) AS record_id,
    encode(changed.digest, 'hex') AS digest,
    changed.operation,
    coalesce(changed.after ->> :document, changed.before ->> :document) AS document,
    coalesce(changed.after ->> :party, changed.before ->> :party) AS party,
    changed.before,
    changed.after
FROM correction_changes AS changed
ORDER BY
    array_position(ARRAY['withdrawn', 'changed', 'entered', 'history'], changed.operation) ASC,
    document ASC,
    changed.record_id ASC
LIMIT :most
