-- Carry a plan out: bring the published state to what was found. A row that has changed since is left as it is.
--
-- Grain: the planned rows of one plan. Repeatable: yes, what was applied is not planned any more.
-- Parameters: :platform, :plan, :person, :applied_on

WITH planned AS (
    SELECT
        repair.*,
        CASE
            WHEN repair.shown_hash ~ '^[0-9a-f]{64}$' THEN decode(repair.shown_hash, 'hex')
            ELSE sha256(convert_to(coalesce(repair.shown_hash, ''), 'UTF8'))
        END AS shown
    FROM publication.repair AS repair
    WHERE repair.platform = :platform AND repair.plan = :plan AND repair.state = 'planned'
),

removed AS (
    DELETE FROM publication.published AS published
    USING planned
    WHERE
        planned.finding IN ('missing', 'unknown')
        AND published.platform = planned.platform
        AND published.record_type = planned.record_type
        AND published.record_id = planned.record_id
        AND published.natural_key = planned.natural_key
        AND encode(published.content_hash, 'hex') = planned.known_hash
    RETURNING published.record_type, published.record_id, published.natural_key
),

altered AS (
    UPDATE publication.published AS published
    SET
        content_hash = planned.shown,
        number = planned.number,
        position = planned.position
    FROM planned
    WHERE
        planned.finding IN ('changed', 'stale')
        AND published.platform = planned.platform
        AND published.record_type = planned.record_type
        AND published.record_id = planned.record_id
        AND published.natural_key = planned.natural_key
        AND encode(published.content_hash, 'hex') = planned.known_hash
    RETURNING published.record_type, published.record_id, published.natural_key
),

added AS (
    INSERT INTO publication.published (
        platform, record_type, record_id, natural_key, content_hash, number, position
    )
    SELECT
        planned.platform,
        planned.record_type,
        planned.record_id,
        planned.natural_key,
        planned.shown,
        planned.number,
        planned.position
    FROM planned
    WHERE planned.finding IN ('extra', 'lost')
    ON CONFLICT (platform, record_type, record_id, natural_key) DO NOTHING
    RETURNING record_type, record_id, natural_key
),

done AS (
    SELECT
        removed.record_type,
        removed.record_id,
        removed.natural_key
    FROM removed
    UNION ALL
    SELECT
        altered.record_type,
        altered.record_id,
        altered.natural_key
    FROM altered
    UNION ALL
    SELECT
        added.record_type,
        added.record_id,
        added.natural_key
    FROM added
)

UPDATE publication.repair AS repair
SET
    state = CASE WHEN done.record_id IS NULL THEN 'outdated' ELSE 'applied' END,
    applied_by = :person,
    applied_on = :applied_on,
    applied_after = (
        SELECT max(message.number)
        FROM publication.message AS message
        WHERE message.platform = :platform
    )
FROM planned
LEFT JOIN done
    ON
        planned.record_type = done.record_type
        AND planned.record_id = done.record_id
        AND planned.natural_key = done.natural_key
WHERE
    repair.platform = planned.platform
    AND repair.plan = planned.plan
    AND repair.record_type = planned.record_type
    AND repair.natural_key = planned.natural_key
    AND repair.finding = planned.finding
RETURNING repair.state
