-- Put the quarantine entries that a correction changed back as they were.
--
-- Grain: the entries of one correction that were there before it. Repeatable: after remove_entries.
-- Parameters: :correction_id

INSERT INTO quality.quarantine
SELECT entry.*
FROM operation.correction_entry AS kept
CROSS JOIN LATERAL jsonb_populate_record(cast(NULL AS quality.quarantine), kept.before) AS entry
WHERE kept.correction_id = :correction_id AND kept.before IS NOT NULL
