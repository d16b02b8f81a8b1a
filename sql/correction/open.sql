-- Open a correction as a plan; what it would do is filled in when it has been tried.
--
-- Grain: one correction. Repeatable: no, each is a plan of its own.
-- Parameters: :kind, :feed, :record_type, :parameters, :planned_on, :planned_by, :planned_reason

INSERT INTO operation.correction (
    kind,
    feed,
    record_type,
    parameters,
    state,
    effect,
    effect_hash,
    plan_hash,
    needs_approval,
    planned_on,
    planned_by,
    planned_reason
)
VALUES (
    :kind,
    :feed,
    :record_type,
    cast(:parameters AS jsonb),
    'planned',
    '{}',
    '',
    '',
    FALSE,
    :planned_on,
    :planned_by,
    :planned_reason
)
RETURNING correction_id
