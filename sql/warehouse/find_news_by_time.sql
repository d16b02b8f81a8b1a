-- Keep of what a batch says only what is news, where the source says itself when a record changed.
--
-- Grain: one row per record with news. Repeatable: temporary, dropped with the transaction.
-- Parameters: :feed, :known_at, :batch_id
-- A touch without a change is a version of its own, because a late batch may yet fall between the two; only what the
-- source said last of the same moment is no news. A record that had ended begins again when we saw it, whatever its
-- own time says; from then on a time that is not later than that says nothing, and its content alone is compared. A row
-- whose time was missing or lay in the future counts from when we saw it; told again as it was, it is no news.

CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT
    differing.record_id,
    differing.row_number,
    CASE WHEN differing.is_timeless THEN cast(:known_at AS timestamptz) ELSE differing.source_at END AS source_at,
    differing.is_first
FROM (
    SELECT
        observed.record_id,
        observed.row_number,
        observed.content_hash,
        observed.source_at,
        believed.record_id IS NULL AS is_first,
        believed.ending IS NOT NULL AS has_ended,
        believed.content_hash <> observed.content_hash AS is_changed,
        (
            believed.content_hash = observed.content_hash
            AND believed.source_at = believed.known_at
            AND EXISTS (
                SELECT FROM {{ landing }} AS earlier
                INNER JOIN {{ landing }} AS landed ON earlier.{{ told }} IS NOT DISTINCT FROM landed.{{ told }}
                WHERE
                    earlier.batch_id = believed.batch_id
                    AND earlier.row_number = believed.row_number
                    AND landed.batch_id = :batch_id
                    AND landed.row_number = observed.row_number
            )
        ) AS is_repeated,
        coalesce(believed.ending IS NOT NULL OR observed.source_at <= life.began_at, FALSE) AS is_timeless
    FROM observed
    LEFT JOIN believed ON observed.record_id = believed.record_id
    LEFT JOIN LATERAL (
        SELECT min(version.source_at) AS began_at
        FROM {{ history }} AS version
        WHERE
            believed.ending IS NULL
            AND version.record_id = believed.record_id
            AND version.feed = :feed
            AND version.known_at < :known_at
            AND version.source_at > (
                SELECT max(ended.source_at)
                FROM {{ history }} AS ended
                WHERE
                    ended.record_id = believed.record_id
                    AND ended.feed = :feed
                    AND ended.known_at < :known_at
                    AND ended.ending IS NOT NULL
            )
    ) AS life ON TRUE
    WHERE
        believed.record_id IS NULL
        OR believed.ending IS NOT NULL
        OR believed.content_hash <> observed.content_hash
        OR believed.source_at <> observed.source_at
) AS differing
WHERE
    differing.is_first
    OR differing.has_ended
    OR (differing.is_timeless AND differing.is_changed)
    OR (
        NOT differing.is_timeless
        AND NOT differing.is_repeated
        AND differing.content_hash IS DISTINCT FROM (
            SELECT version.content_hash
            FROM {{ history }} AS version
            WHERE
                version.record_id = differing.record_id
                AND version.feed = :feed
                AND version.known_at < :known_at
                AND version.source_at = differing.source_at
            ORDER BY version.known_at DESC, version.batch_id DESC
            LIMIT 1
        )
    )
