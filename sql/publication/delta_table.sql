-- Make room for a platform's delta.
--
-- Grain: one row per item. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE delta (
    record_type text,
    record_id uuid,
    operation text,
    reason text,
    natural_key text,
    content_hash bytea,
    is_linked boolean
) ON COMMIT DROP
