-- List the corrections of returned lists that wait for a second person.
--
-- Grain: one row per correction. Repeatable: reads only. Parameters: none.

SELECT correction.correction_id
FROM operation.correction AS correction
WHERE
    correction.state = 'planned'
    AND EXISTS (
        SELECT FROM landing.rectification_line AS line
        WHERE line.correction_id = correction.correction_id AND line.outcome = 'waiting'
    )
ORDER BY correction.correction_id
