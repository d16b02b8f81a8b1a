-- Read corrections, the newest first.
--
-- Grain: one row per correction. Repeatable: reads only. Parameters: :correction_id, :feed, :state (each may be NULL)

SELECT
    correction.correction_id,
    correction.kind,
    correction.feed,
    correction.record_type,
    correction.parameters,
    correction.state,
    correction.effect,
    correction.effect_hash,
    correction.plan_hash,
    correction.needs_approval,
    correction.planned_on,
    correction.planned_by,
    correction.planned_reason,
    correction.applied_number,
    correction.applied_on,
    correction.applied_by,
    correction.applied_reason,
    correction.rolled_back_on,
    correction.rolled_back_by,
    correction.rolled_back_reason
FROM operation.correction AS correction
WHERE
    (cast(:correction_id AS bigint) IS NULL OR correction.correction_id = :correction_id)
    AND (cast(:feed AS text) IS NULL OR correction.feed = :feed)
    AND (cast(:state AS text) IS NULL OR correction.state = :state)
ORDER BY correction.correction_id DESC
