-- Write down what a planned correction would do, and whether a second person must agree.
--
-- Grain: one correction. Repeatable: yes.
-- Parameters: :correction_id, :effect, :effect_hash, :plan_hash, :needs_approval

UPDATE operation.correction
SET
    effect = cast(:effect AS jsonb),
    effect_hash = :effect_hash,
    plan_hash = :plan_hash,
    needs_approval = :needs_approval
WHERE correction_id = :correction_id
