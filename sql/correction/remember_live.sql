-- Remember the live versions of a feed whole, to show afterwards what they said.
--
-- Grain: one row per live record. Repeatable: temporary, dropped with the transaction. Parameters: :feed

CREATE TEMPORARY TABLE correction_live ON COMMIT DROP AS
SELECT version.*
FROM {{ history }} AS version
WHERE version.feed = :feed AND version.valid_to IS NULL AND version.ending IS NULL
