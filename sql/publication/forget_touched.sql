-- Remove what every platform has seen, unless another delta is being found at this moment.
--
-- Grain: one row per record and statement that wrote about it. Repeatable: yes. Parameters: none.
-- Seen is what a delta itself calls seen, so that a transaction left open elsewhere on the server keeps nothing.
-- A delta that is the first of its platform has not said yet what it has seen; hence the lock.

DELETE FROM publication.touched
WHERE
    NOT EXISTS (
        SELECT FROM publication.compared AS compared
        WHERE
            NOT pg_visible_in_snapshot(
                cast(cast(touched.xid AS text) AS xid8), cast(compared.seen AS pg_snapshot)
            )
    )
    AND (SELECT pg_try_advisory_xact_lock(hashtextextended('touched', 4)))
