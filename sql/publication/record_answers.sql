-- Write down what a platform answered, item by item; an unknown answer leaves the item open with what was said about
-- it, and an item that has its answer keeps it.
--
-- Grain: the items of one message. Repeatable: yes. Parameters: :platform, :number, :answers (JSON), :answered_on

UPDATE publication.item AS item
SET
    state = CASE WHEN answer.state = 'unknown' THEN 'open' ELSE answer.state END,
    error_code = answer.code,
    error_field = answer.field,
    error_text = answer.text,
    answered_on = CASE WHEN answer.state <> 'unknown' THEN cast(:answered_on AS date) END
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
