-- Remember which records a batch changed, for those that follow it and for the validity of their versions.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: :with_first
-- A record's first version needs no second look, unless a later batch was stored before this one.

CREATE TEMPORARY TABLE touched ON COMMIT DROP AS
SELECT news.record_id
FROM news
WHERE :with_first OR NOT news.is_first
UNION
SELECT missing.record_id
FROM missing
