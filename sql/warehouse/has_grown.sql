-- Say whether a batch changed so much of a history that the planner should look at it anew.
--
-- Grain: one row. Repeatable: reads only. Parameters: :history, :batch_id
-- Looking costs the same whatever has changed, so that a small batch into a large history does without; a twentieth is
-- half of what the server's own housekeeping waits for.

SELECT
    result.accepted + result.ended > 0.05 * (
        SELECT coalesce(sum(greatest(class.reltuples, 0)), 0)
        FROM pg_inherits AS part
        INNER JOIN pg_class AS class ON part.inhrelid = class.oid
        WHERE part.inhparent = cast(:history AS regclass)
    ) AS has_grown
FROM warehouse.store_result AS result
WHERE result.batch_id = :batch_id
