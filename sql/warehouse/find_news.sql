-- Keep of what a batch says only what is news: another content than we believed, or a record that had ended.
--
-- Grain: one row per record with news. Repeatable: temporary, dropped with the transaction.
-- Parameters: :feed, :batch_id
-- For feeds whose source gives no time of its own: content equal to the version before it is no news. What a person
-- restated was true from when the wrong content began, and is known from this batch on.

CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT
    observed.record_id,
    observed.row_number,
    CASE WHEN meant.restatement_id IS NULL THEN observed.source_at ELSE believed.source_at END AS source_at,
    believed.record_id IS NULL AS is_first
FROM observed
LEFT JOIN believed ON observed.record_id = believed.record_id
LEFT JOIN quality.restatement AS meant
    ON
        believed.ending IS NULL
        AND meant.feed = :feed
        AND believed.record_id = meant.record_id
        AND believed.content_hash = meant.content_hash
        AND EXISTS (
            SELECT FROM quality.restatement_seen AS seen
            WHERE seen.restatement_id = meant.restatement_id AND seen.batch_id = :batch_id AND seen.is_applied
        )
WHERE
    believed.record_id IS NULL
    OR believed.ending IS NOT NULL
    OR believed.content_hash <> observed.content_hash
