-- Keep of what a batch says only what is news: another content than we believed, or a record that had ended.
--
-- Grain: one row per record with news. Repeatable: temporary, dropped with the transaction. Parameters: none.
-- For feeds whose source gives no time of its own: content equal to the version before it is no news.

CREATE TEMPORARY TABLE news ON COMMIT DROP AS
SELECT
    observed.record_id,
    observed.row_number,
    observed.source_at,
    believed.record_id IS NULL AS is_first
FROM observed
LEFT JOIN believed ON observed.record_id = believed.record_id
WHERE
    believed.record_id IS NULL
    OR believed.ending IS NOT NULL
    OR believed.content_hash <> observed.content_hash
