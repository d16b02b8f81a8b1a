-- Count what a full compare would end, against the live records and the rows whose key became unreadable.
--
-- Grain: one row. Repeatable: reads only. Parameters: :feed, :known_at
-- A row without a readable key that an earlier batch had too says nothing new.

SELECT
    (SELECT count(*) FROM missing) AS missing,
    (
        SELECT count(*) FROM believed
        WHERE believed.ending IS NULL
    ) AS live,
    (
        SELECT count(*)
        FROM {{ staged }} AS staged
        WHERE
            staged.record_id IS NULL
            AND staged.source_id IS NULL
            AND NOT EXISTS (
                SELECT FROM quality.quarantine AS entry
                INNER JOIN landing.batch AS earlier ON entry.first_batch_id = earlier.batch_id
                WHERE
                    entry.feed = :feed
                    AND entry.content_hash = staged.content_hash
                    AND earlier.known_at < :known_at
            )
    ) AS unreadable
