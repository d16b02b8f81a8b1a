-- Chain a message to the one before it and keep its signature; its key gets the beginning of what its body came to.
--
-- Grain: one message. Repeatable: in the transaction that wrote the message.
-- Parameters: :platform, :number, :algorithm, :body_hash, :previous_hash, :signature

UPDATE publication.message
SET
    form = 2,
    algorithm = :algorithm,
    body_hash = :body_hash,
    previous_hash = :previous_hash,
    signature = :signature,
    idempotency_key = CASE
        WHEN kind = 'data' THEN concat_ws('-', idempotency_key, left(:body_hash, 12)) ELSE idempotency_key
    END
WHERE platform = :platform AND number = :number
