-- Close the entries of a feed that its newest batch shows no more, or shows corrected, and link them to that batch.
--
-- Grain: the open entries of one feed. Repeatable: yes. Parameters: :feed, :batch_id, :business_date, :is_full

UPDATE quality.quarantine AS entry
SET
    state = 'fixed_at_source',
    closed_on = :business_date,
    closed_by_batch_id = :batch_id,
    reason = CASE
        WHEN EXISTS (SELECT FROM observed WHERE observed.record_id = entry.record_id) THEN 'corrected'
        ELSE 'no longer delivered like this'
    END
WHERE
    entry.feed = :feed
    AND entry.state = 'open'
    AND entry.last_batch_id < :batch_id
    AND (:is_full OR EXISTS (SELECT FROM observed WHERE observed.record_id = entry.record_id))
