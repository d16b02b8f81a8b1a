-- Find the records of one type that a person may mean: by id, or by document number whatever its brackets.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :sought

SELECT DISTINCT version.record_id
FROM {{ history }} AS version
WHERE
    version.record_id::text = :sought
    OR quality.key_part({{ document }}) = quality.key_part(:sought)
LIMIT 20
