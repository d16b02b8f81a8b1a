-- Remember the versions of a feed, to tell afterwards which records a correction changed.
--
-- Grain: one row per version. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_history ON COMMIT DROP AS
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
