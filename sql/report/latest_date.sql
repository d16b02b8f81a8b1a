-- Find the latest business date that has a ledger.
--
-- Grain: one date or NULL. Repeatable: reads only. Parameters: none.

SELECT max(business_date)
FROM operation.feed_ledger
