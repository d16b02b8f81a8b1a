-- Read the versions of one record type as they stood before whatever was corrected after a date.
--
-- Grain: one row per version. Repeatable: reads only, as a part of other statements. Parameters: :corrected_by
-- The first image of a record that was taken later tells what stood on that date; without one, what stands now does.

SELECT version.*
FROM {{ history }} AS version
WHERE
    NOT EXISTS (
        SELECT FROM operation.correction_image AS image
        WHERE
            image.record_type = {{ record_name }}
            AND image.record_id = version.record_id
            AND image.feed = version.feed
            AND image.happened_on > :corrected_by
    )
UNION ALL
SELECT restored.*
FROM operation.correction_image AS image
CROSS JOIN LATERAL jsonb_array_elements(image.versions) AS kept (version)
CROSS JOIN LATERAL jsonb_populate_record(cast(NULL AS {{ history }}), kept.version) AS restored
WHERE
    image.record_type = {{ record_name }}
    AND image.happened_on > :corrected_by
    AND NOT EXISTS (
        SELECT FROM operation.correction_image AS earlier
        WHERE
            earlier.record_id = image.record_id
            AND earlier.feed = image.feed
            AND earlier.happened_on > :corrected_by
            AND earlier.image_number < image.image_number
    )
