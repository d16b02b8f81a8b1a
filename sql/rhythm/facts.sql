-- Gather what is known of each feed's deliveries up to a date: tonight's, the one before, its silence and its rhythm.
--
-- Grain: one row per feed. Repeatable: reads only. Parameters: :business_date, :learn_changes, :percentile
-- A good day is a working day whose intake was taken over; other days (down, unreadable, refused, not run) neither
-- lengthen a silence nor the gaps that are learnt. A change is a date whose delivery differed from the one before.

WITH asked AS (
    SELECT
        cast(:business_date AS date) AS business_date,
        cast(:learn_changes AS int) AS learn_changes
),

nights AS (
    SELECT
        intake.feed,
        intake.business_date,
        batch.row_count,
        coalesce(batch.state = 'stored', FALSE) AS is_good,
        coalesce(batch.state = 'stored' AND batch.business_date = intake.business_date AND batch.row_count > 0, FALSE)
            AS is_change
    FROM operation.intake AS intake
    CROSS JOIN asked
    LEFT JOIN landing.batch AS batch ON intake.batch_id = batch.batch_id
    WHERE intake.business_date <= asked.business_date
),

counted AS (
    SELECT
        nights.feed,
        nights.business_date,
        nights.row_count,
        nights.is_change,
        count(*) FILTER (WHERE nights.is_good AND coalesce(calendar.is_working, TRUE)) OVER earlier AS good_days
    FROM nights
    LEFT JOIN warehouse.working_day AS calendar ON nights.business_date = calendar.day
    WINDOW earlier AS (PARTITION BY nights.feed ORDER BY nights.business_date)
),

changes AS (
    SELECT
        feed,
        business_date,
        row_count,
        good_days,
        good_days - lag(good_days) OVER in_order AS gap,
        row_number() OVER (PARTITION BY feed ORDER BY business_date DESC) AS age
    FROM counted
    WHERE is_change
    WINDOW in_order AS (PARTITION BY feed ORDER BY business_date)
),

learnt AS (
    SELECT
        changes.feed,
        count(changes.gap) AS gap_count,
        percentile_disc(cast(:percentile AS float)) WITHIN GROUP (ORDER BY changes.gap) AS usual_days
    FROM changes
    CROSS JOIN asked
    WHERE changes.age <= asked.learn_changes AND changes.gap IS NOT NULL
    GROUP BY changes.feed
),

latest AS (
    SELECT
        feed,
        max(good_days) AS good_days
    FROM counted
    GROUP BY feed
)

SELECT
    owner.feed,
    intake.outcome,
    batch.state AS batch_state,
    batch.row_count,
    coalesce(batch.business_date = asked.business_date, FALSE) AS is_new,
    last_change.business_date AS changed_on,
    latest.good_days - last_change.good_days AS quiet_days,
    coalesce(learnt.gap_count, 0) AS gap_count,
    learnt.usual_days,
    previous.row_count AS previous_row_count,
    declaration.person AS declared_by,
    declaration.reason AS declared_why
FROM operation.feed AS owner
CROSS JOIN asked
LEFT JOIN operation.intake AS intake
    ON owner.feed = intake.feed AND asked.business_date = intake.business_date
LEFT JOIN landing.batch AS batch ON intake.batch_id = batch.batch_id
LEFT JOIN latest ON owner.feed = latest.feed
LEFT JOIN changes AS last_change ON owner.feed = last_change.feed AND last_change.age = 1
LEFT JOIN learnt ON owner.feed = learnt.feed
LEFT JOIN LATERAL (
    SELECT counted.row_count
    FROM counted
    WHERE counted.feed = owner.feed AND counted.business_date < asked.business_date AND counted.is_change
    ORDER BY counted.business_date DESC
    LIMIT 1
) AS previous ON TRUE
LEFT JOIN operation.nil_declaration AS declaration
    ON owner.feed = declaration.feed AND declaration.month = date_trunc('month', asked.business_date)
ORDER BY owner.feed
