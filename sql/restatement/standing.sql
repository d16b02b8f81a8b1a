-- List restatements with what the source says of their records by now.
--
-- Grain: one row per restatement, the oldest first. Repeatable: reads only.
-- Parameters: :feed, :record_id, :content_hash (each may be NULL)
-- The latest stored batch decides: it was restated (`standing`), delivers what was restated (`fixed_at_source`),
-- delivers a third content (`lapsed`) or does not have the record any more (`gone`).

SELECT
    restatement.restatement_id,
    restatement.feed,
    cast(restatement.record_id AS text) AS record_id,
    encode(restatement.content_hash, 'hex') AS content_hash,
    restatement.document,
    restatement.fields,
    restatement.restated_on,
    restatement.person,
    restatement.reason,
    restatement.correction_id,
    feed.section,
    CASE
        WHEN latest.is_applied IS NULL THEN 'standing'
        WHEN latest.is_applied THEN 'standing'
        WHEN latest.content_hash IS NULL THEN 'gone'
        WHEN EXISTS (
            SELECT FROM quality.restatement_seen AS seen
            WHERE
                seen.restatement_id = restatement.restatement_id
                AND seen.is_applied
                AND seen.content_hash = latest.content_hash
        ) THEN 'fixed_at_source'
        ELSE 'lapsed'
    END AS state,
    latest.business_date AS seen_on
FROM quality.restatement AS restatement
LEFT JOIN operation.feed AS feed ON restatement.feed = feed.feed
LEFT JOIN LATERAL (
    SELECT
        seen.is_applied,
        seen.content_hash,
        batch.business_date
    FROM quality.restatement_seen AS seen
    INNER JOIN landing.batch AS batch ON seen.batch_id = batch.batch_id
    WHERE seen.restatement_id = restatement.restatement_id AND batch.state = 'stored'
    ORDER BY batch.known_at DESC
    LIMIT 1
) AS latest ON TRUE
WHERE
    (cast(:feed AS text) IS NULL OR restatement.feed = :feed)
    AND (cast(:record_id AS uuid) IS NULL OR restatement.record_id = cast(:record_id AS uuid))
    AND (cast(:content_hash AS bytea) IS NULL OR restatement.content_hash = :content_hash)
ORDER BY restatement.restated_on ASC, restatement.restatement_id ASC
