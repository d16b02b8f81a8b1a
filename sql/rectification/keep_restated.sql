-- Leave only what restatements changed in a table staged for a trial, and what stands under the same keys.
--
-- Grain: the staged rows of one batch. Repeatable: yes. Parameters: :batch_id, :restatements (their ids)

DELETE FROM {{ staged }} AS staged
WHERE
    NOT EXISTS (
        SELECT FROM quality.restatement_seen AS seen
        INNER JOIN {{ staged }} AS restated ON seen.content_hash = restated.content_hash
        WHERE
            seen.batch_id = :batch_id
            AND seen.restatement_id = any(:restatements)
            AND (staged.row_number = restated.row_number OR staged.record_id = restated.record_id)
    )
