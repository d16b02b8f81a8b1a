-- Make the table of one landed batch, which is not part of its feed's landing table yet.
--
-- Grain: one table. Repeatable: yes, one that is there stays. Parameters: :batch_id
-- The check spares reading the rows once more when the table is attached.

CREATE TABLE IF NOT EXISTS {{ part }} (
    LIKE {{ whole }} INCLUDING ALL,
    CHECK (batch_id = :batch_id)
)
