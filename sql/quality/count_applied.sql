-- Count the rows of a batch that each rule speaks about.
--
-- Grain: one row, one column per kind of rows that rules speak about. Repeatable: reads only. Parameters: :batch_id

WITH staged AS NOT MATERIALIZED (
    SELECT * FROM {{ staged }}
    WHERE batch_id = :batch_id
)

{{ counts }}
