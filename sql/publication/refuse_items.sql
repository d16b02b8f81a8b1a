-- Mark the items of a message that a platform refused as a whole.
--
-- Grain: the open items of one message. Repeatable: yes. Parameters: :platform, :number, :problem, :answered_on

UPDATE publication.item AS item
SET state = 'rejected', error_code = 'message_refused', error_text = :problem, answered_on = :answered_on
WHERE item.platform = :platform AND item.number = :number AND item.state = 'open'
