-- Say whether a feed's staged table holds this batch: another one may have been checked since, or a crash emptied it.
--
-- Grain: one row. Repeatable: reads only; the table stays as it is until the transaction ends. Parameters: :batch_id

SELECT EXISTS(
    SELECT FROM {{ staged }} AS staged
    WHERE staged.batch_id = :batch_id
)
