-- Let the next delta of a platform look at all records.
--
-- Grain: one platform. Repeatable: yes. Parameters: :platform

DELETE FROM publication.compared
WHERE platform = :platform
