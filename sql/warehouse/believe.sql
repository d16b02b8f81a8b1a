-- List what we believed of the feed's records just before a batch: the latest version known until then.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction.
-- Parameters: :feed, :known_at
-- Versions are ordered by (source time, known time, batch), never by the clock of the run.

CREATE TEMPORARY TABLE believed ON COMMIT DROP AS
SELECT DISTINCT ON (version.record_id)
    version.record_id,
    version.batch_id,
    version.row_number,
    version.known_at,
    version.content_hash,
    version.source_at,
    version.source_id,
    version.ending
FROM {{ history }} AS version
WHERE
    version.feed = :feed
    AND version.known_at < :known_at
    {% if only_restated %}
    AND EXISTS (
        SELECT FROM restated
        WHERE restated.record_id = version.record_id
    )
    {% endif %}
    {% if incremental %}
    AND EXISTS (
        SELECT FROM observed
        WHERE observed.record_id = version.record_id
    )
    {% endif %}
ORDER BY version.record_id ASC, version.source_at DESC, version.known_at DESC, version.batch_id DESC
