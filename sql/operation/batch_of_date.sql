-- Find the batch that says for a date what a batch says: itself, or the one the date was given of its own since.
--
-- Grain: one batch. Repeatable: reads only. Parameters: :batch_id, :business_date

SELECT coalesce(own.batch_id, given.batch_id) AS batch_id
FROM landing.batch AS given
LEFT JOIN operation.intake AS intake
    ON given.feed = intake.feed AND intake.business_date = :business_date
LEFT JOIN landing.batch AS own
    ON intake.batch_id = own.batch_id AND given.checksum = own.checksum
WHERE given.batch_id = :batch_id
