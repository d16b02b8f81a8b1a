-- Write the ledger row of a feed and night from what its intake left behind, and renew those of later nights.
--
-- Grain: one feed and date, and each later date that has a row: a batch that comes late changes what they counted.
-- Repeatable: yes. Parameters: :feed, :business_date
-- A batch that repeats an earlier one delivered the same rows again: what was accepted then is unchanged now.

INSERT INTO operation.feed_ledger AS ledger (
    business_date,
    feed,
    batch_id,
    outcome,
    problem,
    received,
    accepted,
    quarantined,
    unchanged,
    duplicate,
    refused,
    ended
)
SELECT
    asked.business_date,
    asked.feed,
    batch.batch_id,
    CASE
        WHEN batch.batch_id IS NULL THEN coalesce(intake.outcome, 'unavailable')
        WHEN batch.state IN ('refused', 'retracted') THEN batch.state
        WHEN stored.batch_id IS NULL THEN 'incomplete'
        WHEN batch.business_date <> asked.business_date THEN 'unchanged'
        ELSE 'stored'
    END,
    intake.problem,
    coalesce(batch.row_count, 0),
    CASE WHEN batch.business_date <> asked.business_date THEN 0 ELSE coalesce(stored.accepted, 0) END,
    coalesce(stored.quarantined, 0),
    coalesce(stored.unchanged, 0)
    + CASE WHEN batch.business_date <> asked.business_date THEN coalesce(stored.accepted, 0) ELSE 0 END,
    coalesce(stored.duplicate, 0),
    CASE WHEN stored.batch_id IS NULL THEN coalesce(batch.row_count, 0) ELSE 0 END,
    CASE WHEN batch.business_date <> asked.business_date THEN 0 ELSE coalesce(stored.ended, 0) END
FROM (
    SELECT
        cast(:feed AS text) AS feed,
        cast(:business_date AS date) AS business_date
    UNION ALL
    SELECT
        later.feed,
        later.business_date
    FROM operation.feed_ledger AS later
    WHERE later.feed = :feed AND later.business_date > :business_date
) AS asked
LEFT JOIN operation.intake AS intake
    ON asked.feed = intake.feed AND asked.business_date = intake.business_date
LEFT JOIN landing.batch AS batch ON intake.batch_id = batch.batch_id
LEFT JOIN warehouse.store_result AS stored ON batch.batch_id = stored.batch_id
ON CONFLICT (business_date, feed) DO UPDATE
    SET
        batch_id = excluded.batch_id,
        outcome = excluded.outcome,
        problem = excluded.problem,
        received = excluded.received,
        accepted = excluded.accepted,
        quarantined = excluded.quarantined,
        unchanged = excluded.unchanged,
        duplicate = excluded.duplicate,
        refused = excluded.refused,
        ended = excluded.ended
