-- Say whether lists that came back on a day let records into the warehouse at once.
--
-- Grain: one row. Repeatable: reads only. Parameters: :day

SELECT count(*) > 0
FROM landing.rectification AS list
INNER JOIN landing.rectification_line AS line ON list.rectification_id = line.rectification_id
WHERE list.received_on = :day AND line.outcome IN ('taken', 'reminded')
