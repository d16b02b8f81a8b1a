-- Find the records whose versions a correction changed, with their live versions before and after.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: :feed
-- The digest covers every version that is there now and was not, or was and is not; numbers of batches play no part.

CREATE TEMPORARY TABLE correction_changes ON COMMIT DROP AS
WITH versions_before AS (
    SELECT
        before.record_id,
        before.known_at,
        before.source_at,
        before.valid_to,
        before.ending,
        before.subject_id,
        before.content_hash
    FROM correction_history AS before
),

versions_now AS (
    SELECT
        version.record_id,
        version.known_at,
        version.source_at,
        version.valid_to,
        version.ending,
        version.subject_id,
        version.content_hash
    FROM {{ history }} AS version
    WHERE version.feed = :feed
),

differing AS (
    SELECT
        'gone' AS side,
        gone.*
    FROM (
        SELECT versions_before.* FROM versions_before
        EXCEPT
        SELECT versions_now.* FROM versions_now
    ) AS gone
    UNION ALL
    SELECT
        'new' AS side,
        added.*
    FROM (
        SELECT versions_now.* FROM versions_now
        EXCEPT
        SELECT versions_before.* FROM versions_before
    ) AS added
),

touched AS (
    SELECT
        differing.record_id,
        sha256(
            convert_to(
                string_agg(
                    concat_ws(
                        '|',
                        differing.side,
                        extract(EPOCH FROM differing.known_at),
                        extract(EPOCH FROM differing.source_at),
                        coalesce(extract(EPOCH FROM differing.valid_to)::text, 'open'),
                        differing.ending,
                        differing.subject_id,
                        encode(differing.content_hash, 'hex')
                    ),
                    E'\n'
                    ORDER BY differing.side, differing.known_at, differing.source_at, differing.content_hash
                ),
                'UTF8'
            )
        ) AS digest
    FROM differing
    GROUP BY differing.record_id
)

SELECT
    touched.record_id,
    touched.digest,
    CASE
        WHEN before.record_id IS NULL AND after.record_id IS NULL THEN 'history'
        WHEN before.record_id IS NULL THEN 'entered'
        WHEN after.record_id IS NULL THEN 'withdrawn'
        WHEN before.content_hash <> after.content_hash THEN 'changed'
        ELSE 'history'
    END AS operation,
    CASE WHEN before.record_id IS NOT NULL THEN to_jsonb(before) END AS before,
    CASE WHEN after.record_id IS NOT NULL THEN to_jsonb(after) END AS after
FROM touched
LEFT JOIN correction_history AS before
    ON touched.record_id = before.record_id AND before.valid_to IS NULL AND before.ending IS NULL
LEFT JOIN {{ history }} AS after
    ON touched.record_id = after.record_id AND after.feed = :feed AND after.valid_to IS NULL AND after.ending IS NULL
