-- Forget which records of a platform and type the gate was asked for.
--
-- Grain: one platform and record type. Repeatable: yes. Parameters: :platform, :record_type

DELETE FROM publication.asked
WHERE platform = :platform AND record_type = :record_type
