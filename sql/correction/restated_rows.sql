-- List the rows of a batch whose content a correction had restated.
--
-- Grain: one row per staged row. Repeatable: reads only. Parameters: :record_ids, :content_hashes (of the same length)

SELECT staged.row_number
FROM unnest(cast(:record_ids AS uuid[]), cast(:content_hashes AS bytea[])) AS restated (record_id, content_hash)
INNER JOIN {{ staged }} AS staged
    ON
        restated.content_hash = staged.content_hash
        AND restated.record_id
        = coalesce(staged.record_id, cast(encode(substr(staged.content_hash, 1, 16), 'hex') AS uuid))
