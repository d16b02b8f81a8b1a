-- Wait until no other correction, no work on these feeds and no aggregation runs, and let none begin.
--
-- Grain: one row per lock, in the order in which all take them; held by the session until `correction/let_go`.
-- Repeatable: yes. Parameters: :feeds

WITH wanted AS (
    SELECT
        hashtextextended('correction', 5) AS key,
        0 AS place
    UNION ALL
    SELECT
        hashtextextended(feed, 1),
        position
    FROM unnest(cast(:feeds AS text[])) WITH ORDINALITY AS wanted_feed (feed, position)
    UNION ALL
    SELECT
        hashtextextended('aggregate', 6),
        cardinality(cast(:feeds AS text[])) + 1
),

in_order AS MATERIALIZED (
    SELECT key
    FROM wanted
    ORDER BY place
)

SELECT pg_advisory_lock(key) AS is_held
FROM in_order
