-- Find under which key a missing record is told now: the row that carries the system's own id of it.
--
-- Grain: one row per missing record that has one. Repeatable: yes. Parameters: none.
-- Such a record did not end, it was given another key: superseded, and linked to the record that continues it.

UPDATE missing
SET ending = 'superseded', successor_id = found.record_id
FROM (
    SELECT DISTINCT ON (gone.record_id)
        gone.record_id AS missing_id,
        staged.record_id
    FROM missing AS gone
    INNER JOIN {{ staged }} AS staged ON gone.source_id = staged.source_id
    WHERE staged.record_id <> gone.record_id
    ORDER BY gone.record_id ASC, staged.row_number ASC
) AS found
WHERE missing.record_id = found.missing_id
