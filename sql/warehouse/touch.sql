-- Remember which records a batch changed, for the validity of their versions.
--
-- Grain: one row per record. Repeatable: yes. Parameters: :with_first
-- A record's first version needs no second look, unless later batches were stored before this one.

INSERT INTO touched (record_id)
SELECT news.record_id
FROM news
WHERE :with_first OR NOT news.is_first
UNION
SELECT missing.record_id
FROM missing
ON CONFLICT (record_id) DO NOTHING
