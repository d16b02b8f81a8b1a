-- Let later corrections have kept of some rows of a batch what a correction had kept of them, or, where it had not kept
-- the batch, what is said of them now.
--
-- Grain: one row per failing (row, rule) and later correction. Repeatable: after forget_kept_rows.
-- Parameters: :correction_id, :later, :batch_id, :rows

WITH broken AS (
    SELECT
        own.row_number,
        own.rule_code
    FROM operation.correction_violation AS own
    WHERE own.correction_id = :correction_id AND own.batch_id = :batch_id AND own.row_number = any(:rows)
    UNION ALL
    SELECT
        violation.row_number,
        violation.rule_code
    FROM quality.violation AS violation
    WHERE
        violation.batch_id = :batch_id
        AND violation.row_number = any(:rows)
        AND NOT EXISTS (
            SELECT FROM operation.correction_judged AS judged
            WHERE judged.correction_id = :correction_id AND judged.batch_id = :batch_id
        )
)

INSERT INTO operation.correction_violation (correction_id, batch_id, row_number, rule_code)
SELECT
    later.correction_id,
    :batch_id,
    broken.row_number,
    broken.rule_code
FROM broken
CROSS JOIN unnest(cast(:later AS bigint[])) AS later (correction_id)
