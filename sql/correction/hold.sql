-- Wait until no other correction, no work on these feeds and no aggregation runs, and let none begin.
--
-- Grain: one row per lock, in the order in which all take them; held by the session until `correction/let_go`.
-- Repeatable: yes. Parameters: :feeds

SELECT pg_advisory_lock(held.key) AS is_held
FROM
    unnest(
        ARRAY[hashtextextended('correction', 5)]
        || ARRAY(SELECT hashtextextended(feed, 1) FROM unnest(cast(:feeds AS text [])) AS feed ORDER BY feed)
        || ARRAY[hashtextextended('aggregate', 6)]
    ) AS held (key)
