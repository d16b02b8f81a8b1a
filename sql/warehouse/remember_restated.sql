-- Remember how many versions and endings each batch had written of the records that are restated.
--
-- Grain: one row per batch. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE written_before ON COMMIT DROP AS
SELECT
    version.batch_id,
    count(*) FILTER (WHERE version.ending IS NULL) AS accepted,
    count(*) FILTER (WHERE version.ending IS NOT NULL) AS ended
FROM {{ history }} AS version
INNER JOIN restated ON version.record_id = restated.record_id
WHERE version.feed = :feed
GROUP BY version.batch_id
