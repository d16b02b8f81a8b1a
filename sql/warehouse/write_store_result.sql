-- Write what became of a batch's rows; a balance that does not hold is refused by the table.
--
-- Grain: one batch. Repeatable: yes.
-- Parameters: :batch_id, :received, :accepted, :quarantined, :unchanged, :duplicate, :ended, :deletions_held

INSERT INTO warehouse.store_result (
    batch_id, received, accepted, quarantined, unchanged, duplicate, ended, deletions_held
)
VALUES (:batch_id, :received, :accepted, :quarantined, :unchanged, :duplicate, :ended, :deletions_held)
ON CONFLICT (batch_id) DO UPDATE
    SET
        received = excluded.received,
        accepted = excluded.accepted,
        quarantined = excluded.quarantined,
        unchanged = excluded.unchanged,
        duplicate = excluded.duplicate,
        ended = excluded.ended,
        deletions_held = excluded.deletions_held
