-- Say whether any restatement holds for a batch of a feed, so that a night without one pays for nothing else.
--
-- Grain: one row. Repeatable: reads only. Parameters: :feed, :known_at

SELECT EXISTS(
    SELECT FROM quality.restatement AS restatement
    WHERE restatement.feed = :feed AND restatement.since <= :known_at
)
