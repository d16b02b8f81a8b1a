-- List what a correction of some feeds would have to wait for, in the order in which it would.
--
-- Grain: one row per lock that another session holds. Repeatable: reads only. Parameters: :feeds

WITH wanted AS (
    SELECT
        hashtextextended('correction', 5) AS key,
        0 AS place,
        'another correction' AS work
    UNION ALL
    SELECT
        hashtextextended(feed, 1),
        position,
        'work on ' || feed
    FROM unnest(cast(:feeds AS text[])) WITH ORDINALITY AS wanted_feed (feed, position)
    UNION ALL
    SELECT
        hashtextextended('aggregate', 6),
        cardinality(cast(:feeds AS text[])) + 1,
        'aggregation, or the storing of another feed'
)

SELECT wanted.work
FROM wanted
INNER JOIN pg_locks AS held
    ON
        held.locktype = 'advisory'
        AND held.objsubid = 1
        AND held.granted
        AND (cast(held.classid AS bigint) << 32) | cast(held.objid AS bigint) = wanted.key
INNER JOIN pg_database AS here ON held.database = here.oid AND here.datname = current_database()
WHERE held.pid <> pg_backend_pid()
GROUP BY wanted.work, wanted.place
ORDER BY wanted.place
