-- Find the records of one type that a correction changed and that a person may mean, also those without any version.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :sought, :record_type, :document (a column's name)

SELECT DISTINCT
    changed.record_id,
    coalesce(changed.before ->> :document, changed.after ->> :document) AS document
FROM operation.correction_change AS changed
INNER JOIN operation.correction AS correction ON changed.correction_id = correction.correction_id
WHERE
    correction.record_type = :record_type
    AND (
        cast(changed.record_id AS text) = :sought
        OR quality.key_part(coalesce(changed.before ->> :document, changed.after ->> :document))
        = quality.key_part(:sought)
    )
LIMIT 20
