-- Make room for the rates of a period, as counts.
--
-- Grain: one row per metric, section and record type. Repeatable: temporary, dropped with the transaction.
-- Parameters: none.

CREATE TEMPORARY TABLE IF NOT EXISTS rate (
    metric text NOT NULL,
    section text NOT NULL,
    record_type text NOT NULL,
    good_count bigint NOT NULL,
    all_count bigint NOT NULL
) ON COMMIT DROP
