-- List the live records of a feed that a full compare does not show any more.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: :ending
-- A record whose row is there but set aside is not missing: by its key, or by the system's own id when the key
-- itself is spoilt. One that is set aside for saying that the record has ended keeps nothing alive.

CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
SELECT
    believed.record_id,
    believed.batch_id,
    believed.source_id,
    cast(:ending AS text) AS ending,
    cast(NULL AS uuid) AS successor_id
FROM believed
WHERE
    believed.ending IS NULL
    AND NOT EXISTS (
        SELECT FROM {{ staged }} AS staged
        WHERE
            staged.record_id = believed.record_id
            AND NOT (
                coalesce({{ says_ended }}, FALSE)
                AND EXISTS (
                    SELECT FROM set_aside
                    WHERE set_aside.row_number = staged.row_number
                )
            )
    )
    AND NOT EXISTS (
        SELECT FROM {{ staged }} AS staged
        INNER JOIN set_aside ON staged.row_number = set_aside.row_number
        WHERE staged.source_id = believed.source_id AND NOT coalesce({{ says_ended }}, FALSE)
    )
