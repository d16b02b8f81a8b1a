-- Keep of what a batch says only what is news: another content than we believed, or a record that had ended.
--
-- Grain: one row per record with news. Repeatable: temporary, dropped with the transaction.
-- Parameters: :feed, :known_at, :has_source_time
-- Where the source gives no time of its own, content equal to the version before it is no news. Where it does, a
-- touch without a change is a version of its own, because a late batch may yet fall between the two.
-- A record that comes back after it had ended begins again when we saw it, whatever its own time says.

CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT
    observed.record_id,
    observed.row_number,
    CASE
        WHEN believed.ending IS NOT NULL THEN cast(:known_at AS timestamptz)
        ELSE observed.source_at
    END AS source_at,
    believed.record_id IS NULL AS is_first
FROM observed
LEFT JOIN believed ON observed.record_id = believed.record_id
WHERE
    believed.record_id IS NULL
    OR believed.ending IS NOT NULL
    OR (
        (
            believed.content_hash <> observed.content_hash
            OR (:has_source_time AND believed.source_at <> observed.source_at)
        )
        AND NOT (
            :has_source_time AND EXISTS (
                SELECT FROM {{ history }} AS version
                WHERE
                    version.record_id = observed.record_id
                    AND version.feed = :feed
                    AND version.known_at < :known_at
                    AND version.source_at = observed.source_at
                    AND version.content_hash = observed.content_hash
                    AND version.ending IS NULL
            )
        )
    )
