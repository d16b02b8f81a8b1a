-- Say that a correction was taken back, by whom and why.
--
-- Grain: one correction. Repeatable: no. Parameters: :correction_id, :rolled_back_on, :person, :reason

UPDATE operation.correction
SET
    state = 'rolled_back',
    rolled_back_on = :rolled_back_on,
    rolled_back_by = :person,
    rolled_back_reason = :reason
WHERE correction_id = :correction_id
