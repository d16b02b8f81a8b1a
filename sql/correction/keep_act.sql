-- Keep which act a correction recorded.
--
-- Grain: one act. Repeatable: yes. Parameters: :correction_id, :act_id

INSERT INTO operation.correction_act (correction_id, act_id)
VALUES (:correction_id, :act_id)
ON CONFLICT (correction_id, act_id) DO NOTHING
