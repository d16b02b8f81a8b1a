-- Bring the counts of each batch in line with what it now says of the restated records (law 1 holds before and after).
--
-- Grain: the batches of one feed whose counts differ. Repeatable: after remember_restated. Parameters: :feed

UPDATE warehouse.store_result AS result
SET
    accepted = result.accepted + changed.accepted,
    unchanged = result.unchanged - changed.accepted,
    ended = result.ended + changed.ended
FROM (
    SELECT
        counted.batch_id,
        sum(counted.accepted) AS accepted,
        sum(counted.ended) AS ended
    FROM (
        SELECT
            version.batch_id,
            count(*) FILTER (WHERE version.ending IS NULL) AS accepted,
            count(*) FILTER (WHERE version.ending IS NOT NULL) AS ended
        FROM {{ history }} AS version
        INNER JOIN restated ON version.record_id = restated.record_id
        WHERE version.feed = :feed
        GROUP BY version.batch_id
        UNION ALL
        SELECT
            batch_id,
            -accepted,
            -ended
        FROM written_before
    ) AS counted
    GROUP BY counted.batch_id
) AS changed
WHERE result.batch_id = changed.batch_id AND (changed.accepted <> 0 OR changed.ended <> 0)
