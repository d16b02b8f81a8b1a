-- Find quarantine entries that a person may mean: by record id or document number.
--
-- Grain: one row per entry. Repeatable: reads only. Parameters: :sought, :record_id

SELECT
    entry.feed,
    entry.record_id::text AS record_id,
    entry.record_type,
    entry.section,
    entry.document,
    entry.party,
    entry.rule_codes,
    entry.state,
    entry.opened_on,
    entry.closed_on,
    entry.person,
    entry.reason,
    entry.closed_by_batch_id,
    closing.business_date AS closing_date,
    closing.origin AS closing_origin,
    entry.last_batch_id AS batch_id,
    entry.row_number
FROM quality.quarantine AS entry
LEFT JOIN landing.batch AS closing ON entry.closed_by_batch_id = closing.batch_id
WHERE
    entry.record_id::text = :sought
    OR entry.record_id::text = :record_id
    OR quality.key_part(entry.document) = quality.key_part(:sought)
ORDER BY entry.opened_on, entry.feed
LIMIT 20
