-- Say that nothing is missing: an incremental batch tells nothing about what it does not contain.
--
-- Grain: no row. Repeatable: temporary, dropped with the transaction. Parameters: none.

CREATE TEMPORARY TABLE missing (
    record_id uuid, batch_id bigint, source_id text, ending text, successor_id uuid
) ON COMMIT DROP
