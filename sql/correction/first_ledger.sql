-- Find the first date of which a feed has a ledger row; settling it renews the rows of all later dates too.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :feed

SELECT min(ledger.business_date) AS business_date
FROM operation.feed_ledger AS ledger
WHERE ledger.feed = :feed
