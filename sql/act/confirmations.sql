-- Read what platforms confirmed of an act, with the message that the receipt answers.
--
-- Grain: one row per platform. Repeatable: reads only. Parameters: :act_id
-- Where the act changed nothing, the last answer about the record is older than the act (`is_after` is false).

SELECT
    known.platform,
    known.confirmed_on,
    known.number,
    known.position,
    known.proof,
    message.idempotency_key,
    message.business_date AS told_on,
    item.operation,
    item.reason,
    known.number > coalesce(cast(act.last_numbers ->> known.platform AS bigint), 0) AS is_after
FROM warehouse.act_confirmation AS known
INNER JOIN warehouse.act AS act ON known.act_id = act.act_id
INNER JOIN publication.message AS message ON known.platform = message.platform AND known.number = message.number
INNER JOIN publication.item AS item
    ON known.platform = item.platform AND known.number = item.number AND known.position = item.position
WHERE known.act_id = :act_id
ORDER BY known.platform
