-- Find the first sight of the quarantine entries that a correction changed and of which batches spoke since.
--
-- Grain: one row, NULL when none did. Repeatable: reads only. Parameters: :correction_id
-- Such an entry is put back as it was before the correction; what batches that came later have said of it follows when
-- the batches from its first sight on are stored again. What a late batch said between the last sight of an entry and
-- its end does not show while the correction stands that gave it a later sight.

WITH known AS (
    SELECT max(batch.batch_id) AS batch_id
    FROM (
        SELECT judged.batch_id
        FROM operation.correction_judged AS judged
        WHERE judged.correction_id = :correction_id
        UNION ALL
        SELECT intake.batch_id
        FROM operation.correction_intake AS intake
        WHERE intake.correction_id = :correction_id
    ) AS batch
)

SELECT min(first_seen.known_at) AS known_at
FROM operation.correction_entry AS kept
LEFT JOIN quality.quarantine AS entry
    ON
        kept.feed = entry.feed
        AND kept.record_id = entry.record_id
        AND kept.content_hash = entry.content_hash
INNER JOIN landing.batch AS first_seen
    ON first_seen.batch_id IN (entry.first_batch_id, cast(kept.before ->> 'first_batch_id' AS bigint))
WHERE
    kept.correction_id = :correction_id
    AND (
        to_jsonb(entry) IS DISTINCT FROM kept.after
        OR EXISTS (
            SELECT FROM landing.batch AS late
            CROSS JOIN known
            INNER JOIN landing.batch AS last_seen
                ON last_seen.batch_id = cast(kept.before ->> 'last_batch_id' AS bigint)
            LEFT JOIN landing.batch AS closing
                ON closing.batch_id = cast(kept.before ->> 'closed_by_batch_id' AS bigint)
            WHERE
                late.feed = kept.feed
                AND late.state = 'stored'
                AND late.batch_id > coalesce(known.batch_id, 0)
                AND late.known_at > last_seen.known_at
                AND late.known_at < coalesce(closing.known_at, 'infinity')
        )
    )
