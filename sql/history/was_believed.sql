-- Say whether a record had versions that a correction took back by a date.
--
-- Grain: one row. Repeatable: reads only. Parameters: :record_id, :corrected_by

SELECT count(*) > 0 AS was_believed
FROM operation.correction_image AS image
WHERE
    image.record_id = cast(:record_id AS uuid)
    AND image.happened_on <= :corrected_by
    AND image.versions <> '[]'
