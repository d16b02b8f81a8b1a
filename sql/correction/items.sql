-- List the items of the delta that was just found, each with a digest of all it says.
--
-- Grain: one row per item. Repeatable: reads only. Parameters: :platform

SELECT
    cast(:platform AS text) AS platform,
    delta.record_type,
    cast(delta.record_id AS text) AS record_id,
    delta.operation,
    coalesce(delta.reason, '') AS reason,
    delta.natural_key,
    substr(
        sha256(
            convert_to(
                concat_ws(
                    '|',
                    :platform,
                    delta.record_type,
                    delta.record_id,
                    delta.operation,
                    delta.reason,
                    delta.natural_key,
                    delta.is_linked
                ),
                'UTF8'
            )
            || delta.content_hash
        ),
        1,
        16
    ) AS digest
FROM delta
