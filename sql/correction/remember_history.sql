-- Remember the versions of a feed whole, to tell afterwards which records a correction changed and what they said.
--
-- Grain: one row per version. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_history ON COMMIT DROP AS
SELECT version.*
FROM {{ history }} AS version
WHERE version.feed = :feed
