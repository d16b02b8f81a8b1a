-- List what a batch says of each record: its first sound row, and when that content began.
--
-- Grain: one row per record of the batch that is not set aside. Repeatable: temporary, dropped with the transaction.
-- Parameters: none.
-- Rows that repeat a record with the same content are the batch's duplicates; rows that contradict each other were
-- set aside by the rule on unique keys. When single keys are restated, only they are looked at.

CREATE TEMPORARY TABLE observed ON COMMIT DROP AS
SELECT DISTINCT ON (staged.record_id)
    staged.record_id,
    staged.row_number,
    staged.content_hash,
    staged.source_at
FROM {{ staged }} AS staged
WHERE
    staged.record_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM set_aside
        WHERE set_aside.row_number = staged.row_number
    )
    {% if only_restated %}
    AND EXISTS (
        SELECT FROM restated
        WHERE restated.record_id = staged.record_id
    )
    {% endif %}
ORDER BY staged.record_id, staged.row_number
