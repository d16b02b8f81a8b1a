-- List the quarantine entries that a correction opened, with the rules they break and their sentences.
--
-- Grain: one row per entry. Repeatable: reads only. Parameters: :most

SELECT
    cast(entry.record_id AS text) AS record_id,
    left(encode(entry.content_hash, 'hex'), 12) AS number,
    entry.document,
    (
        SELECT coalesce(jsonb_object_agg(broken.code, coalesce(rule.says, '')), '{}')
        FROM unnest(entry.rules_after) AS broken (code)
        LEFT JOIN quality.rule AS rule ON broken.code = rule.rule_code
    ) AS rules
FROM correction_entry_changes AS entry
WHERE entry.state_after = 'open' AND entry.state_before <> 'open'
ORDER BY entry.document ASC, entry.record_id ASC, entry.content_hash ASC
LIMIT :most
