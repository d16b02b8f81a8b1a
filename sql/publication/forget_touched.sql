-- Remove what every platform has seen, unless another delta is being found at this moment.
--
-- Grain: one row per record and statement that wrote about it. Repeatable: yes. Parameters: none.
-- A delta that is the first of its platform has not said yet what it has seen; hence the lock.

DELETE FROM publication.touched
WHERE
    xid < (
        SELECT min(cast(cast(pg_snapshot_xmin(cast(compared.seen AS pg_snapshot)) AS text) AS bigint))
        FROM publication.compared AS compared
    )
    AND (SELECT pg_try_advisory_xact_lock(hashtextextended('touched', 4)))
