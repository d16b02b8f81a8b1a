-- Close the entries of a feed whose content a batch shows no more, shows corrected, or shows and does not set aside.
--
-- Grain: the entries of one feed. Repeatable: yes. Parameters: :feed, :batch_id, :known_at, :business_date, :is_full
-- An entry that a later batch had closed is closed by this one, which is known earlier. Content that is delivered as
-- it was and is acceptable now was released: by a person, or by a rule that changed. Content that a person restated
-- names that person. What is set aside is listed once: entries are looked up in it, not compared with each.

WITH kept AS MATERIALIZED (
    SELECT
        staged.content_hash,
        coalesce(staged.record_id, encode(substr(staged.content_hash, 1, 16), 'hex')::uuid) AS record_id
    FROM set_aside
    INNER JOIN {{ staged }} AS staged ON set_aside.row_number = staged.row_number
)

UPDATE quality.quarantine AS entry
SET
    state = CASE WHEN observed.content_hash = same.content_hash THEN 'released' ELSE 'fixed_at_source' END,
    closed_on = :business_date,
    closed_by_batch_id = :batch_id,
    person = CASE
        WHEN observed.content_hash = same.content_hash THEN decision.person
        WHEN seen.is_applied THEN restatement.person
    END,
    reason = CASE
        WHEN observed.content_hash = same.content_hash
            THEN coalesce(decision.reason, 'breaks no critical rule any more')
        WHEN seen.is_applied THEN concat('restated: ', restatement.reason)
        WHEN observed.record_id IS NOT NULL THEN 'corrected'
        ELSE 'no longer delivered like this'
    END
FROM quality.quarantine AS same
INNER JOIN landing.batch AS last_seen ON same.last_batch_id = last_seen.batch_id
LEFT JOIN landing.batch AS closing ON same.closed_by_batch_id = closing.batch_id
LEFT JOIN quality.decision AS decision
    ON
        same.feed = decision.feed
        AND same.record_id = decision.record_id
        AND same.content_hash = decision.content_hash
        AND decision.act = 'released'
LEFT JOIN quality.restatement AS restatement
    ON
        same.feed = restatement.feed
        AND same.record_id = restatement.record_id
        AND same.content_hash = restatement.content_hash
LEFT JOIN quality.restatement_seen AS seen
    ON restatement.restatement_id = seen.restatement_id AND seen.batch_id = :batch_id
LEFT JOIN observed ON same.record_id = observed.record_id
WHERE
    entry.feed = :feed
    AND same.feed = entry.feed
    AND same.record_id = entry.record_id
    AND same.content_hash = entry.content_hash
    AND last_seen.known_at <= :known_at
    AND (
        same.state IN ('open', 'waived')
        OR closing.known_at > :known_at
    )
    AND (:is_full OR observed.record_id IS NOT NULL)
    AND NOT EXISTS (
        SELECT FROM kept
        WHERE kept.content_hash = same.content_hash AND kept.record_id = same.record_id
    )
