-- Link the records that a batch tells under another key to those that continue them.
--
-- Grain: one row per renumbered record. Repeatable: after forget_successors. Parameters: :batch_id, :record_type

INSERT INTO warehouse.succession (batch_id, record_type, record_id, successor_id)
SELECT
    :batch_id,
    :record_type,
    missing.record_id,
    missing.successor_id
FROM missing
WHERE missing.successor_id IS NOT NULL
