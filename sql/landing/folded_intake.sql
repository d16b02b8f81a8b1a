-- Find the first date after a batch whose delivery was the same as that batch or as one before it.
--
-- Grain: at most one intake. Repeatable: reads only. Parameters: :feed, :business_date, :known_at

SELECT
    intake.business_date,
    intake.batch_id
FROM operation.intake AS intake
INNER JOIN landing.batch AS batch ON intake.batch_id = batch.batch_id
WHERE
    intake.feed = :feed
    AND intake.business_date > :business_date
    AND batch.known_at <= :known_at
ORDER BY intake.business_date
LIMIT 1
