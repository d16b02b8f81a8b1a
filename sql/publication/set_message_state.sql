-- Move a message on and keep what the platform said about it.
--
-- Grain: one message. Repeatable: yes. Parameters: :platform, :number, :state, :problem

UPDATE publication.message
SET state = :state, problem = :problem
WHERE platform = :platform AND number = :number
