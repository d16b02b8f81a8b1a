-- Bring the numbers by which subjects are found up to date with the registration base.
--
-- Grain: one row per kind and value. Repeatable: yes; only what differs is written. Parameters: none.
-- Characters 9 to 17 of a unified code are the organisation code. A number that two subjects share finds neither.

WITH numbers AS (
    SELECT
        'uscc' AS kind,
        sub_shxym AS value,
        record_id AS subject_id
    FROM warehouse.subject_current
    WHERE sub_shxym IS NOT NULL
    UNION ALL
    SELECT
        'registration_number',
        sub_gszc,
        record_id
    FROM warehouse.subject_current
    WHERE sub_gszc IS NOT NULL
    UNION ALL
    SELECT
        'organisation_code',
        coalesce(replace(sub_zzjg, '-', ''), substr(sub_shxym, 9, 9)),
        record_id
    FROM warehouse.subject_current
    WHERE sub_zzjg IS NOT NULL OR sub_shxym IS NOT NULL
),

unambiguous AS (
    SELECT
        kind,
        value,
        min(subject_id::text)::uuid AS subject_id
    FROM numbers
    GROUP BY kind, value
    HAVING count(DISTINCT subject_id) = 1
),

gone AS (
    DELETE FROM warehouse.identifier AS known
    WHERE NOT EXISTS (
        SELECT FROM unambiguous
        WHERE unambiguous.kind = known.kind AND unambiguous.value = known.value
    )
)

INSERT INTO warehouse.identifier AS known (kind, value, subject_id)
SELECT
    kind,
    value,
    subject_id
FROM unambiguous
ON CONFLICT (kind, value) DO UPDATE
    SET subject_id = excluded.subject_id
    WHERE known.subject_id <> excluded.subject_id
