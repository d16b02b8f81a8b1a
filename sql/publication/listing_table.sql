-- Make room for what a platform lists.
--
-- Grain: one row per record type and key. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE listing (
    record_type text,
    natural_key text,
    shown_hash text
) ON COMMIT DROP
