-- Find the subjects that a person may mean: by any number they are or were known by, or by any name they ever had.
--
-- Grain: one row per subject. Repeatable: reads only. Parameters: :sought
-- A number that went over to another subject (a new code, a merger) finds the one that has it now.

SELECT identifier.subject_id::text AS subject_id
FROM warehouse.identifier AS identifier
WHERE identifier.value = quality.key_part(:sought) OR identifier.value = :sought
UNION
SELECT version.record_id::text
FROM warehouse.subject AS version
WHERE
    version.sub_mc = :sought
    AND NOT EXISTS (
        SELECT FROM warehouse.identifier AS identifier
        WHERE identifier.value = :sought
    )
