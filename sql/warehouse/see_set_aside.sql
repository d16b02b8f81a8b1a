-- Note which rows a batch sets aside, beside what other batches did; the first row of a content speaks for it.
--
-- Grain: one sighting per record and content. Repeatable: after quarantine/forget_batch. Parameters: :feed, :batch_id

INSERT INTO quality.sighting (feed, record_id, content_hash, batch_id, row_number, rule_codes)
SELECT DISTINCT ON (record_id, staged.content_hash)
    :feed,
    coalesce(staged.record_id, encode(substr(staged.content_hash, 1, 16), 'hex')::uuid) AS record_id,
    staged.content_hash,
    :batch_id,
    staged.row_number,
    set_aside.rule_codes
FROM set_aside
INNER JOIN {{ staged }} AS staged ON set_aside.row_number = staged.row_number
ORDER BY record_id, staged.content_hash, staged.row_number
