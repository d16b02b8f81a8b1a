-- Read one row as it was received; identity numbers only in their masked form.
--
-- Grain: one row. Repeatable: reads only. Parameters: :batch_id, :row_number, :hidden (columns of sealed parts)

SELECT jsonb_strip_nulls(to_jsonb(landed) - cast(:hidden AS text[])) AS content
FROM {{ landing }} AS landed
WHERE landed.batch_id = :batch_id AND landed.row_number = :row_number
