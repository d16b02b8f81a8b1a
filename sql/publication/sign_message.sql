-- Chain a message to the one before it and keep its signature.
--
-- Grain: one message. Repeatable: yes. Parameters: :platform, :number, :previous_hash, :signature

UPDATE publication.message
SET previous_hash = :previous_hash, signature = :signature
WHERE platform = :platform AND number = :number
