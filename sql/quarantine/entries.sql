-- List quarantine entries with their age and the sentences of the rules they broke.
--
-- Grain: one row per entry, the oldest first. Repeatable: reads only.
-- Parameters: :section, :state, :sought (each may be NULL), :business_date
-- `sought` is a document number, a record id, or the entry's own number, which is the beginning of its content's hash.

SELECT
    left(encode(entry.content_hash, 'hex'), 12) AS number,
    entry.feed,
    entry.record_type,
    entry.section,
    cast(entry.record_id AS text) AS record_id,
    entry.source_id,
    entry.document,
    entry.party,
    entry.rule_codes,
    (
        SELECT array_agg(rule.says ORDER BY rule.rule_code)
        FROM quality.rule AS rule
        WHERE array_position(entry.rule_codes, rule.rule_code) IS NOT NULL
    ) AS sentences,
    entry.state,
    entry.opened_on,
    coalesce(entry.closed_on, cast(:business_date AS date)) - entry.opened_on AS age_days,
    entry.last_batch_id AS batch_id,
    entry.row_number,
    entry.closed_on,
    entry.closed_by_batch_id,
    entry.person,
    entry.reason
FROM quality.quarantine AS entry
WHERE
    (cast(:section AS text) IS NULL OR entry.section = :section)
    AND (cast(:state AS text) IS NULL OR entry.state = :state)
    AND (
        cast(:sought AS text) IS NULL
        OR cast(entry.record_id AS text) = :sought
        OR (length(:sought) >= 8 AND starts_with(encode(entry.content_hash, 'hex'), :sought))
        OR quality.key_part(entry.document) = quality.key_part(:sought)
    )
ORDER BY entry.opened_on ASC, entry.feed ASC, entry.document ASC, entry.record_id ASC, entry.content_hash ASC
