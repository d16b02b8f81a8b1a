-- Read the lines of a returned list that is known by its content, with what became of them when it was taken in.
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
    list.received_on
FROM landing.rectification AS list
INNER JOIN landing.rectification_line AS line ON list.rectification_id = line.rectification_id
WHERE list.checksum = :checksum
ORDER BY line.row_number
