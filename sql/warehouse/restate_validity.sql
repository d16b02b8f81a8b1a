-- Recompute from when to when each version of the touched records is valid, per feed.
--
-- Grain: the versions of touched records. Repeatable: yes. Parameters: :feed

UPDATE {{ history }} AS version
SET valid_to = following.valid_to
FROM (
    SELECT
        ordered.record_id,
        ordered.batch_id,
        lead(ordered.source_at) OVER (
            PARTITION BY ordered.record_id ORDER BY ordered.source_at, ordered.known_at, ordered.batch_id
        ) AS valid_to
    FROM {{ history }} AS ordered
    WHERE
        ordered.feed = :feed
        AND EXISTS (
            SELECT FROM touched
            WHERE touched.record_id = ordered.record_id
        )
) AS following
WHERE
    version.record_id = following.record_id
    AND version.batch_id = following.batch_id
    AND version.valid_to IS DISTINCT FROM following.valid_to
