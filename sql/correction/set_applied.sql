-- Say that a correction was applied, by whom and why; its number tells the order in which corrections were applied.
--
-- Grain: one correction. Repeatable: no. Parameters: :correction_id, :applied_on, :person, :reason

UPDATE operation.correction
SET
    state = 'applied',
    applied_number = (SELECT coalesce(max(other.applied_number), 0) + 1 FROM operation.correction AS other),
    applied_on = :applied_on,
    applied_by = :person,
    applied_reason = :reason
WHERE correction_id = :correction_id
