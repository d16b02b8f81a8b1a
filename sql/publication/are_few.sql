-- Say whether the gate is asked for so few records that looking each of them up costs less than reading all.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform, :record_type, :at_most

SELECT count(*) <= :at_most AND count(*) = count(asked.record_id) AS are_few
FROM publication.asked AS asked
WHERE asked.platform = :platform AND asked.record_type = :record_type
