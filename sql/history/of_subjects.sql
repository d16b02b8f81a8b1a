-- List the records of one type that are, or by a version that a correction took back were, about some subjects.
--
-- Grain: one row per record. Repeatable: reads only. Parameters: :record_type, :subject_ids

SELECT cast(version.record_id AS text) AS record_id
FROM {{ history }} AS version
WHERE version.subject_id = any(cast(:subject_ids AS uuid[]))
UNION
SELECT cast(image.record_id AS text)
FROM operation.correction_image AS image
CROSS JOIN LATERAL jsonb_array_elements(image.versions) AS kept (version)
WHERE image.record_type = :record_type AND kept.version ->> 'subject_id' = any(cast(:subject_ids AS text[]))
