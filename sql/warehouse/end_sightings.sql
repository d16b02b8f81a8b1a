-- Note which entries of a feed end with a batch: it shows their content no more, corrected, or not set aside any more.
--
-- Grain: one sighting per entry that ends. Repeatable: after quarantine/forget_batch and open_quarantine.
-- Parameters: :feed, :batch_id, :known_at, :is_full
-- An entry that a later batch had closed ends with this one, which is known earlier. One that a later batch sees again
-- stands open meanwhile; that it had ended is noted, for the day on which the later sight falls away. Content that is
-- delivered as it was and is acceptable now was released: by a person, or by a rule that changed. Content that a person
-- restated names that person. EXCEPT takes one reading whatever the planner believes; it knows nothing yet of what this
-- batch has set aside, and as a condition on each entry it would read all of that for each.

INSERT INTO quality.sighting (feed, record_id, content_hash, batch_id, ended, person, reason)
WITH ending AS (
    SELECT
        entry.record_id,
        entry.content_hash
    FROM quality.quarantine AS entry
    INNER JOIN landing.batch AS first_seen ON entry.first_batch_id = first_seen.batch_id
    INNER JOIN landing.batch AS last_seen ON entry.last_batch_id = last_seen.batch_id
    LEFT JOIN landing.batch AS closing ON entry.closed_by_batch_id = closing.batch_id
    WHERE
        entry.feed = :feed
        AND first_seen.known_at <= :known_at
        AND (
            entry.state IN ('open', 'waived')
            OR closing.known_at >= :known_at
            OR last_seen.known_at > :known_at
        )
    EXCEPT
    SELECT
        own.record_id,
        own.content_hash
    FROM quality.sighting AS own
    WHERE own.batch_id = :batch_id
)

SELECT
    :feed,
    ending.record_id,
    ending.content_hash,
    :batch_id,
    CASE WHEN observed.content_hash = ending.content_hash THEN 'released' ELSE 'fixed_at_source' END,
    CASE
        WHEN observed.content_hash = ending.content_hash THEN decision.person
        WHEN seen.is_applied THEN restatement.person
    END,
    CASE
        WHEN observed.content_hash = ending.content_hash
            THEN coalesce(decision.reason, 'breaks no critical rule any more')
        WHEN seen.is_applied THEN concat('restated: ', restatement.reason)
        WHEN observed.record_id IS NOT NULL THEN 'corrected'
        ELSE 'no longer delivered like this'
    END
FROM ending
LEFT JOIN quality.decision AS decision
    ON
        ending.record_id = decision.record_id
        AND ending.content_hash = decision.content_hash
        AND decision.feed = :feed
        AND decision.act = 'released'
LEFT JOIN quality.restatement AS restatement
    ON
        ending.record_id = restatement.record_id
        AND ending.content_hash = restatement.content_hash
        AND restatement.feed = :feed
LEFT JOIN quality.restatement_seen AS seen
    ON restatement.restatement_id = seen.restatement_id AND seen.batch_id = :batch_id
LEFT JOIN observed ON ending.record_id = observed.record_id
WHERE :is_full OR observed.record_id IS NOT NULL
