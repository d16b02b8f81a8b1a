-- Make room for the records whose versions need their validity restated.
--
-- Grain: one row per record. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE touched (record_id uuid PRIMARY KEY) ON COMMIT DROP
