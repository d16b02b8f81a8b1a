-- Take a part of what a platform lists.
--
-- Grain: one row per key. Repeatable: no, each part comes once. Parameters: :record_type, :shown (JSON: key → hash)

INSERT INTO listing (record_type, natural_key, shown_hash)
SELECT
    :record_type,
    shown.key,
    shown.value
FROM jsonb_each_text(cast(:shown AS jsonb)) AS shown
