-- List the acts that a correction recorded.
--
-- Grain: one row per act. Repeatable: reads only. Parameters: :correction_id

SELECT kept.act_id
FROM operation.correction_act AS kept
WHERE kept.correction_id = :correction_id
ORDER BY kept.act_id
