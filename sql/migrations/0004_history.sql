-- Create what the history of keys and of receipts needs: which record continues which, and when a platform answered.
--
-- Grain: see each table. Repeatable: no, Alembic runs it once. Parameters: none.

-- A record that was told again under another key: the batch that showed it ended the one and began the other.
CREATE TABLE warehouse.succession (
    batch_id bigint NOT NULL,
    record_type text NOT NULL,
    record_id uuid NOT NULL,
    successor_id uuid NOT NULL,
    PRIMARY KEY (batch_id, record_type, record_id)
);
CREATE INDEX succession_by_record ON warehouse.succession (record_id, record_type);
CREATE INDEX succession_by_successor ON warehouse.succession (successor_id, record_type);


-- The business date of the night in which the receipt came. What was answered before this column counts by its message.
ALTER TABLE publication.item ADD COLUMN answered_on date;

UPDATE publication.item AS item
SET answered_on = message.business_date
FROM publication.message AS message
WHERE item.platform = message.platform AND item.number = message.number AND item.state <> 'open'
