-- Find the first and the latest business date of a feed's batches.
--
-- Grain: one row, NULL when there is none. Repeatable: reads only. Parameters: :feed

SELECT
    (
        SELECT min(batch.business_date)
        FROM landing.batch AS batch
        WHERE batch.feed = :feed
    ) AS first_date,
    (
        SELECT max(intake.business_date)
        FROM operation.intake AS intake
        WHERE intake.feed = :feed
    ) AS last_date
