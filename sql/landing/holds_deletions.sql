-- Say whether a batch of an earlier date holds deletions back: the same content on a later date is what they wait for.
--
-- Grain: one row. Repeatable: reads only. Parameters: :batch_id, :business_date

SELECT EXISTS(
    SELECT FROM warehouse.store_result AS result
    INNER JOIN landing.batch AS batch ON result.batch_id = batch.batch_id
    WHERE result.batch_id = :batch_id AND result.deletions_held > 0 AND batch.business_date < :business_date
)
