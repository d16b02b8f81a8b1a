-- Ask the warehouse about the rows of a batch.
--
-- Grain: one row per rule. Repeatable: temporary, after forget_answers. Parameters: :batch_id
-- A table, because an INSERT may not run on several cores. The name `staged` stands for the rows themselves, so that
-- nothing is copied before it is asked about.

CREATE TEMPORARY TABLE answer AS
WITH staged AS NOT MATERIALIZED (
    SELECT * FROM {{ staged }}
    WHERE batch_id = :batch_id
)

{{ answers }}
