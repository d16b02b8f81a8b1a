-- Let only one intake of a feed land at a time.
--
-- Grain: one lock per feed, released with the transaction. Repeatable: yes. Parameters: :feed

SELECT pg_advisory_xact_lock(hashtextextended(:feed, 1))
