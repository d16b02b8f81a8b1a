-- Open a quarantine entry for every row that is set aside; one that was there already is seen again.
--
-- Grain: one entry per record and content. Repeatable: yes.
-- Parameters: :feed, :record_type, :section, :batch_id, :business_date
-- A record without a readable key goes by its content.

INSERT INTO quality.quarantine AS entry (
    feed,
    record_id,
    content_hash,
    record_type,
    section,
    source_id,
    document,
    party,
    rule_codes,
    first_batch_id,
    last_batch_id,
    row_number,
    opened_on
)
SELECT DISTINCT ON (record_id, content_hash)
    :feed,
    coalesce(staged.record_id, encode(substr(staged.content_hash, 1, 16), 'hex')::uuid) AS record_id,
    staged.content_hash,
    :record_type,
    :section,
    staged.source_id,
    {{ document }},
    {{ party }},
    set_aside.rule_codes,
    :batch_id,
    :batch_id,
    staged.row_number,
    :business_date
FROM set_aside
INNER JOIN {{ staged }} AS staged ON set_aside.row_number = staged.row_number
ORDER BY record_id, content_hash, staged.row_number
ON CONFLICT (feed, record_id, content_hash) DO UPDATE
SET
    last_batch_id = greatest(entry.last_batch_id, excluded.last_batch_id),
    row_number = excluded.row_number,
    rule_codes = excluded.rule_codes,
    state = CASE WHEN entry.state = 'fixed_at_source' THEN 'open' ELSE entry.state END,
    closed_on = CASE WHEN entry.state = 'fixed_at_source' THEN NULL ELSE entry.closed_on END,
    closed_by_batch_id = CASE WHEN entry.state = 'fixed_at_source' THEN NULL ELSE entry.closed_by_batch_id END
