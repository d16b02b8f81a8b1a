-- Copy the rows of a batch into another one.
--
-- Grain: one row per landed row. Repeatable: in its transaction. Parameters: :batch_id, :copy_id

INSERT INTO {{ landing }} (batch_id, {{ columns }})
SELECT
    :copy_id,
    {{ columns }}
FROM {{ landing }}
WHERE batch_id = :batch_id
