-- Let the entries that stand open follow what persons decided: waived while every rule broken is covered, else open.
--
-- Grain: the entries of one feed. Repeatable: yes. Parameters: :feed

UPDATE quality.quarantine AS entry
SET
    state = coalesce(decision.act, 'open'),
    person = decision.person,
    reason = decision.reason
FROM quality.quarantine AS same
LEFT JOIN quality.decision AS decision
    ON
        same.feed = decision.feed
        AND same.record_id = decision.record_id
        AND same.content_hash = decision.content_hash
        AND decision.act = 'waived'
        AND decision.rule_codes @> same.rule_codes
WHERE
    entry.feed = :feed
    AND entry.state IN ('open', 'waived')
    AND same.feed = entry.feed
    AND same.record_id = entry.record_id
    AND same.content_hash = entry.content_hash
    AND (entry.state, entry.person, entry.reason)
    IS DISTINCT FROM (coalesce(decision.act, 'open'), decision.person, decision.reason)
