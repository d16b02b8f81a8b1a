-- Say whether a correction kept the verdicts of a batch, and no later correction that stands judged it since.
--
-- Grain: one row. Repeatable: reads only. Parameters: :correction_id, :batch_id

SELECT
    EXISTS (
        SELECT FROM operation.correction_judged AS kept
        WHERE kept.correction_id = :correction_id AND kept.batch_id = :batch_id
    )
    AND NOT EXISTS (
        SELECT FROM operation.correction_judged AS other
        INNER JOIN operation.correction AS later ON other.correction_id = later.correction_id
        INNER JOIN operation.correction AS own ON own.correction_id = :correction_id
        WHERE
            other.batch_id = :batch_id
            AND later.state = 'applied'
            AND later.applied_number > own.applied_number
    )
