-- Write one feed of the catalogue for queries that need its owner and precedence.
--
-- Grain: one feed. Repeatable: after forget_feeds. Parameters: :feed, :record_type, :section, :precedence

INSERT INTO operation.feed (feed, record_type, section, precedence)
VALUES (:feed, :record_type, :section, :precedence)
