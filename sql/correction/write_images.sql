-- Keep the versions that records had before a correction was applied or taken back, for what was believed until then.
--
-- Grain: one row per record that it changed. Repeatable: in its transaction.
-- Parameters: :correction_id, :happened_on, :record_type, :feed

INSERT INTO operation.correction_image (correction_id, happened_on, record_type, feed, record_id, versions)
SELECT
    :correction_id,
    :happened_on,
    :record_type,
    :feed,
    changed.record_id,
    coalesce(jsonb_agg(to_jsonb(version)) FILTER (WHERE version.record_id IS NOT NULL), '[]')
FROM correction_changes AS changed
LEFT JOIN correction_history AS version ON changed.record_id = version.record_id
GROUP BY changed.record_id
