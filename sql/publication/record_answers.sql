-- Write down what a platform answered, item by item; an unknown answer leaves the item open,
-- and an item that has its answer keeps it.
--
-- Grain: the items of one message. Repeatable: yes. Parameters: :platform, :number, :answers (JSON)

UPDATE publication.item AS item
SET
    state = answer.state,
    error_code = answer.code,
    error_field = answer.field,
    error_text = answer.text
FROM
    jsonb_to_recordset(cast(:answers AS jsonb))
        AS answer (
            position int, state text, code text, field text, text text
        )
WHERE
    item.platform = :platform
    AND item.number = :number
    AND item.position = answer.position
    AND item.state = 'open'
    AND answer.state IN ('accepted', 'rejected')
