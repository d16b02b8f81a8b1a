-- Remember which records of a feed are live, to tell afterwards what judging anew has changed.
--
-- Grain: one row per live record. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE live_before ON COMMIT DROP AS
SELECT
    version.record_id,
    version.content_hash
FROM {{ history }} AS version
WHERE version.feed = :feed AND version.valid_to IS NULL AND version.ending IS NULL
