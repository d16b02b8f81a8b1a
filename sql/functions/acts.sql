-- What acts make of records on the logical date: the setting `xinyong.logical_date`, without which every act counts.
--
-- Grain: one row per record that any act in force concerns. Repeatable: yes, the view replaces itself.
-- Parameters: none. The order in which acts were recorded never matters, only when they take effect.

CREATE OR REPLACE VIEW warehouse.standing AS
WITH today AS (
    SELECT cast(coalesce(nullif(current_setting('xinyong.logical_date', TRUE), ''), 'infinity') AS date) AS day
),

in_force AS (
    SELECT
        act.*,
        CASE act.kind
            WHEN 'annulment' THEN 'revoked'
            WHEN 'upheld' THEN 'objection_upheld'
            WHEN 'retraction' THEN 'retracted_as_wrong'
            WHEN 'repair' THEN 'repaired'
        END AS ending
    FROM warehouse.act AS act
    CROSS JOIN today
    WHERE
        act.effective_on <= today.day
        AND act.kind <> 'reversal'
        AND NOT EXISTS (
            SELECT FROM warehouse.act AS reversal
            WHERE reversal.answers = act.act_id AND reversal.kind = 'reversal' AND reversal.effective_on <= today.day
        )
),

placed AS (
    SELECT
        in_force.*,
        in_force.kind = 'objection' AND NOT EXISTS (
            SELECT FROM in_force AS answer
            WHERE answer.answers = in_force.act_id
        ) AS is_open_objection,
        row_number() OVER (
            PARTITION BY in_force.record_type, in_force.record_id
            ORDER BY (in_force.ending IS NULL) ASC, in_force.effective_on ASC, in_force.ending ASC, in_force.act_id ASC
        ) AS place
    FROM in_force
)

SELECT
    placed.record_type,
    placed.record_id,
    min(placed.ending) FILTER (WHERE placed.place = 1) AS withdrawn_reason,
    min(placed.effective_on) FILTER (WHERE placed.place = 1 AND placed.ending IS NOT NULL) AS withdrawn_on,
    min(placed.act_id) FILTER (WHERE placed.place = 1 AND placed.ending IS NOT NULL) AS act_id,
    bool_or(placed.is_open_objection) AS is_objected,
    min(placed.effective_on) FILTER (WHERE placed.is_open_objection) AS objected_on,
    (
        array_agg(placed.disclosure ORDER BY placed.effective_on DESC)
        FILTER (WHERE placed.kind = 'disclosure' AND placed.fields IS NULL)
    )[1] AS disclosure,
    (
        SELECT jsonb_object_agg(closed.field, closed.disclosure ORDER BY closed.effective_on)
        FROM in_force AS closed_act
        CROSS JOIN
            LATERAL (
                SELECT
                    field,
                    closed_act.disclosure,
                    closed_act.effective_on
                FROM unnest(closed_act.fields) AS field
            ) AS closed
        WHERE closed_act.record_id = placed.record_id AND closed_act.record_type = placed.record_type
    ) AS field_classes
FROM placed
GROUP BY placed.record_type, placed.record_id;
