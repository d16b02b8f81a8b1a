-- Read the lines of a returned list that is known by its content, with what became of them then and since.
--
-- Grain: one row per filled line. Repeatable: reads only. Parameters: :checksum

SELECT
    line.row_number,
    line.document,
    line.field,
    line.received,
    line.corrected,
    line.outcome,
    line.sentences,
    line.correction_id,
    list.received_on,
    list.person,
    correction.state,
    correction.plan_hash,
    correction.applied_on,
    correction.applied_by,
    correction.rolled_back_on,
    correction.rolled_back_by
FROM landing.rectification AS list
INNER JOIN landing.rectification_line AS line ON list.rectification_id = line.rectification_id
LEFT JOIN operation.correction AS correction ON line.correction_id = correction.correction_id
WHERE list.checksum = :checksum
ORDER BY line.row_number
