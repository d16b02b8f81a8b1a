-- Take what a platform confirmed to have withdrawn out of the published state.
--
-- Grain: the accepted withdrawals of one message. Repeatable: yes. Parameters: :platform, :number

DELETE FROM publication.published AS published
USING publication.item AS item
WHERE
    item.platform = :platform
    AND item.number = :number
    AND item.state = 'accepted'
    AND item.operation = 'withdraw'
    AND published.platform = item.platform
    AND published.record_type = item.record_type
    AND published.record_id = item.record_id
    AND published.natural_key = item.natural_key
    AND published.number < item.number
