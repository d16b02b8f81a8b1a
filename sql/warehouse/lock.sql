-- Let only one batch of a feed be stored at a time, and none while what follows from the stored records is renewed.
--
-- Grain: a lock per feed and a share in that of aggregation, released with the transaction. Repeatable: yes.
-- Parameters: :feed

SELECT
    pg_advisory_xact_lock(hashtextextended(:feed, 1)) AS feed_lock,
    pg_advisory_xact_lock_shared(hashtextextended('aggregate', 6)) AS aggregate_share
