-- Read every version of one record that was known by a date, with the day each holds from.
--
-- Grain: one row per version. Repeatable: reads only. Parameters: :record_id, :known_before (timestamptz),
-- :corrected_by, :timeless (feeds whose source gives no time)
-- A version that a later one of the same feed retracts as wrong was never true.

SELECT
    known.feed,
    known.batch_id,
    known.learnt_on,
    CASE
        WHEN known.is_first AND known.ending IS NULL THEN least(known.said_from, {{ decision_date }})
        ELSE known.said_from
    END AS true_from,
    coalesce(known.source_at < known.retracted_at, FALSE) AS was_never_true,
    known.ending,
    known.ending_reason,
    known.ending_basis,
    known.ending_person,
    {{ fields | of("known") }}
FROM (
    SELECT
        version.*,
        cast(version.known_at AS date) - 1 AS learnt_on,
        CASE
            WHEN version.source_at = version.known_at OR version.feed = any(:timeless)
                THEN cast(version.source_at AS date) - 1
            ELSE cast(version.source_at AS date)
        END AS said_from,
        version.source_at = min(version.source_at) OVER (PARTITION BY version.feed)
        AND NOT EXISTS (
            SELECT FROM warehouse.succession AS link
            INNER JOIN landing.batch AS linking ON link.batch_id = linking.batch_id
            WHERE
                link.successor_id = version.record_id
                AND link.record_type = {{ record_name }}
                AND linking.feed = version.feed
                AND linking.known_at <= version.known_at
        ) AS is_first,
        max(CASE WHEN version.ending = 'retracted_as_wrong' THEN version.source_at END)
            OVER (PARTITION BY version.feed) AS retracted_at
    FROM (
        {{ as_known }}
    ) AS version
    WHERE version.record_id = cast(:record_id AS uuid) AND version.known_at < :known_before
) AS known
ORDER BY known.source_at, known.known_at, known.batch_id
