-- Say of a copied batch what was true while it counted as the same: nothing in it was new.
--
-- Grain: one batch. Repeatable: in its transaction. Parameters: :batch_id, :copy_id

INSERT INTO warehouse.store_result (
    batch_id, received, accepted, quarantined, unchanged, duplicate, ended, deletions_held
)
SELECT
    :copy_id,
    received,
    0,
    quarantined,
    unchanged + accepted,
    duplicate,
    0,
    0
FROM warehouse.store_result
WHERE batch_id = :batch_id
