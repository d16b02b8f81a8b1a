-- Let only one act about a record be written at a time.
--
-- Grain: one lock per record, released with the transaction. Repeatable: yes. Parameters: :record_id

SELECT pg_advisory_xact_lock(hashtextextended(:record_id, 3))
