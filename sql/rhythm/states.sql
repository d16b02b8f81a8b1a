-- Read what the feeds' deliveries looked like on a date.
--
-- Grain: one row per feed. Repeatable: reads only. Parameters: :business_date

SELECT
    feed,
    state,
    sentence,
    quiet_days,
    usual_days,
    row_count,
    previous_row_count
FROM operation.feed_state
WHERE business_date = :business_date
ORDER BY feed
