-- Ask the gate for the records that may differ since the last delta of a platform and record type.
--
-- Grain: one row per record; a row without a record means all of them. Repeatable: after forget_asked.
-- Parameters: :platform, :record_type, :definition
-- All of them, too, when there was no delta yet, when something else decided then, or when it was for a later date.

INSERT INTO publication.asked (platform, record_type, record_id)
SELECT
    :platform,
    :record_type,
    touched.record_id
FROM publication.{{ touched_view }} AS touched
UNION ALL
SELECT
    :platform,
    :record_type,
    NULL
WHERE NOT EXISTS (
    SELECT FROM publication.compared AS compared
    WHERE
        compared.platform = :platform
        AND compared.record_type = :record_type
        AND compared.definition = :definition
        AND compared.logical_date <= cast(current_setting('xinyong.logical_date') AS date)
        AND pg_snapshot_xmax(cast(compared.seen AS pg_snapshot)) <= pg_snapshot_xmax(pg_current_snapshot())
)
