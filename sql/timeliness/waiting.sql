-- List the records that no receipt covers yet: late already, or late after one of the next working days.
--
-- Grain: one row per record, with the platforms that still lack it. Repeatable: reads only; `timeliness` was filled.
-- Parameters: :seen_on, :forecast_days, :section (NULL for all), :most (NULL for all)

WITH horizon AS (
    SELECT max(day) AS day
    FROM (
        SELECT day
        FROM warehouse.working_day
        WHERE is_working AND day >= :seen_on
        ORDER BY day
        LIMIT :forecast_days
    ) AS next_days
)

SELECT
    timeliness.section,
    timeliness.record_type,
    cast(timeliness.record_id AS text) AS record_id,
    timeliness.feed,
    timeliness.document,
    timeliness.party,
    timeliness.decision_date,
    timeliness.due_date,
    timeliness.is_provisional,
    timeliness.state,
    min(timeliness.cause) AS cause,
    min(timeliness.held_by) AS held_by,
    min(timeliness.hours_left) AS hours_left,
    array_agg(timeliness.platform ORDER BY timeliness.platform) AS platforms
FROM timeliness
CROSS JOIN horizon
WHERE
    timeliness.shown_on IS NULL
    AND timeliness.state IN ('in_time', 'at_risk', 'late', 'late_at_source', 'undated')
    AND (timeliness.due_date IS NULL OR timeliness.due_date <= horizon.day)
    AND (cast(:section AS text) IS NULL OR timeliness.section = :section)
GROUP BY
    timeliness.section,
    timeliness.record_type,
    timeliness.record_id,
    timeliness.feed,
    timeliness.document,
    timeliness.party,
    timeliness.decision_date,
    timeliness.due_date,
    timeliness.is_provisional,
    timeliness.state
ORDER BY
    timeliness.state IN ('late', 'late_at_source'),
    timeliness.section,
    timeliness.due_date,
    timeliness.document,
    timeliness.record_id
LIMIT :most
