-- Ask the gate for the records of one type that are told something.
--
-- Grain: one row per record. Repeatable: after forget_asked; `numbered` was filled before.
-- Parameters: :platform, :record_type

INSERT INTO publication.asked (platform, record_type, record_id)
SELECT DISTINCT
    :platform,
    :record_type,
    numbered.record_id
FROM numbered
WHERE numbered.record_type = :record_type AND numbered.operation <> 'withdraw'
