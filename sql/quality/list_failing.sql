-- List the rows of a batch that break a rule, with the codes of all they break.
--
-- Grain: one row per failing row, and per rule that looks at several rows. Repeatable: temporary, after
-- forget_failing_rows. Parameters: :batch_id
-- The name `staged` stands for the rows themselves, so that nothing is copied before it is judged.

CREATE TEMPORARY TABLE failing_rows AS
WITH staged AS NOT MATERIALIZED (
    SELECT * FROM {{ staged }}
    WHERE batch_id = :batch_id
)

{{ failing }}
