-- Keep what a feed's deliveries looked like on a date.
--
-- Grain: one feed and date. Repeatable: yes.
-- Parameters: :business_date, :feed, :state, :sentence, :quiet_days, :usual_days, :row_count, :previous_row_count

INSERT INTO operation.feed_state (
    business_date, feed, state, sentence, quiet_days, usual_days, row_count, previous_row_count
)
VALUES (:business_date, :feed, :state, :sentence, :quiet_days, :usual_days, :row_count, :previous_row_count)
ON CONFLICT (business_date, feed) DO UPDATE
    SET
        state = excluded.state,
        sentence = excluded.sentence,
        quiet_days = excluded.quiet_days,
        usual_days = excluded.usual_days,
        row_count = excluded.row_count,
        previous_row_count = excluded.previous_row_count
