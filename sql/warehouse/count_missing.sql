-- Count what a full compare would end, against the live records and the rows whose key became unreadable.
--
-- Grain: one row. Repeatable: reads only. Parameters: :feed
-- A row without a readable key that was set aside before says nothing new.

SELECT
    (SELECT count(*) FROM missing) AS missing,
    (SELECT count(*) FROM believed WHERE believed.ending IS NULL) AS live,
    (
        SELECT count(*)
        FROM {{ staged }} AS staged
        WHERE
            staged.record_id IS NULL
            AND staged.source_id IS NULL
            AND NOT EXISTS (
                SELECT FROM quality.quarantine AS entry
                WHERE entry.feed = :feed AND entry.content_hash = staged.content_hash
            )
    ) AS unreadable
