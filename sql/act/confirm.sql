-- Write down that a platform has taken the effect of an act, with its receipt.
--
-- Grain: one row per act and platform; the first confirmation stays. Repeatable: yes.
-- Parameters: :act_id, :platform, :business_date, :number, :position, :proof

INSERT INTO warehouse.act_confirmation (act_id, platform, confirmed_on, number, position, proof)
VALUES (:act_id, :platform, :business_date, :number, :position, :proof)
ON CONFLICT (act_id, platform) DO NOTHING
