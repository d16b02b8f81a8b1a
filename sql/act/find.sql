-- Find the record that an act is about.
--
-- Grain: one row or none. Repeatable: reads only. Parameters: :act_id

SELECT
    act.record_type,
    act.record_id::text AS record_id
FROM warehouse.act AS act
WHERE act.act_id = :act_id
