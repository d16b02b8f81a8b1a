-- Bring the numbers by which subjects are found up to date with the registration base.
--
-- Grain: one row per kind and value. Repeatable: yes; only what differs is written. Parameters: none.
-- Characters 9 to 17 of a unified code are the organisation code. A number that two subjects share finds neither.
-- A subject that names the code of another (SUB_YDM: a new code, a merger) takes over all numbers of that one, over any
-- number of steps. Where several name it (a split), nobody takes over: the numbers stay with the one they belonged to.

WITH RECURSIVE latest AS (
    SELECT
        version.record_id,
        version.sub_shxym,
        version.sub_gszc,
        version.sub_zzjg,
        version.sub_ydm,
        version.ending
    FROM warehouse.subject AS version
    WHERE version.valid_to IS NULL
),

named AS (
    SELECT
        former.code,
        encode(substr(sha256(convert_to(
            concat_ws(chr(31), 'subject', quality.key_part(former.code)), 'UTF8'
        )), 1, 16), 'hex')::uuid AS record_id,
        latest.record_id AS successor_id
    FROM latest
    CROSS JOIN LATERAL regexp_split_to_table(latest.sub_ydm, '[;；,，、 ]+') AS former (code)
    WHERE latest.sub_ydm IS NOT NULL AND former.code <> ''
),

successors AS (
    SELECT
        named.record_id,
        min(named.code) AS code,
        min(named.successor_id::text)::uuid AS successor_id,
        count(DISTINCT named.successor_id) AS successor_count
    FROM named
    WHERE named.record_id <> named.successor_id
    GROUP BY named.record_id
),

steps AS (
    SELECT
        successors.record_id,
        successors.code,
        successors.successor_id AS subject_id,
        1 AS step
    FROM successors
    WHERE successors.successor_count = 1
    UNION ALL
    SELECT
        steps.record_id,
        steps.code,
        successors.successor_id,
        steps.step + 1
    FROM steps
    INNER JOIN successors ON steps.subject_id = successors.record_id
    WHERE successors.successor_count = 1 AND successors.successor_id <> steps.record_id AND steps.step < 20
),

taken_over AS (
    SELECT DISTINCT ON (record_id)
        record_id,
        code,
        subject_id
    FROM steps
    ORDER BY record_id ASC, step DESC
),

holders AS (
    SELECT
        latest.sub_shxym,
        latest.sub_gszc,
        latest.sub_zzjg,
        coalesce(taken_over.subject_id, latest.record_id) AS subject_id
    FROM latest
    LEFT JOIN taken_over ON latest.record_id = taken_over.record_id
    LEFT JOIN successors ON latest.record_id = successors.record_id
    WHERE latest.ending IS NULL OR successors.record_id IS NOT NULL
    UNION ALL
    SELECT
        CASE WHEN length(code) = 18 THEN code END,
        CASE WHEN length(code) <> 18 THEN code END,
        NULL,
        subject_id
    FROM taken_over
),

numbers AS (
    SELECT
        'uscc' AS kind,
        sub_shxym AS value,
        subject_id
    FROM holders
    WHERE sub_shxym IS NOT NULL
    UNION ALL
    SELECT
        'registration_number',
        sub_gszc,
        subject_id
    FROM holders
    WHERE sub_gszc IS NOT NULL
    UNION ALL
    SELECT
        'organisation_code',
        coalesce(replace(sub_zzjg, '-', ''), substr(sub_shxym, 9, 9)),
        subject_id
    FROM holders
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
