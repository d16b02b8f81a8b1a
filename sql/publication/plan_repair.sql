-- Write a plan of repairs down; what cannot be repaired by telling is left to a person.
--
-- Grain: one row per finding. Repeatable: no, each call is a plan.
-- Parameters: :platform, :person, :planned_on, :findings

INSERT INTO publication.repair (
    platform,
    plan,
    record_type,
    natural_key,
    finding,
    record_id,
    known_hash,
    shown_hash,
    number,
    position,
    state,
    person,
    planned_on
)
SELECT
    :platform,
    (
        SELECT coalesce(max(earlier.plan), 0) + 1
        FROM publication.repair AS earlier
        WHERE earlier.platform = :platform
    ),
    found.record_type,
    found.natural_key,
    found.finding,
    found.record_id,
    found.known_hash,
    found.shown_hash,
    found.number,
    found.position,
    CASE WHEN found.finding IN ('duplicate', 'foreign') THEN 'for_a_person' ELSE 'planned' END,
    :person,
    :planned_on
FROM
    jsonb_to_recordset(cast(:findings AS jsonb))
        AS found (
            record_type text,
            natural_key text,
            finding text,
            record_id uuid,
            known_hash text,
            shown_hash text,
            number bigint,
            position int
        )
RETURNING plan
