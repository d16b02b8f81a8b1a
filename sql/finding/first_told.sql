-- When a platform first took a record with this document, whatever its brackets look like.
--
-- Grain: at most one row. Repeatable: reads only. Parameters: :record_type, :document, :platform

SELECT min(first_receipt.business_date)
FROM {{ history }} AS version
INNER JOIN publication.first_receipt AS first_receipt
    ON version.record_id = first_receipt.record_id
WHERE
    quality.key_part({{ document }}) = quality.key_part(:document)
    AND first_receipt.record_type = :record_type
    AND first_receipt.platform = :platform
HAVING min(first_receipt.business_date) IS NOT NULL
