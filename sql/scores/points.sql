-- Turn the rates of a period into percentages and a receiver's points: per record type, section and department.
--
-- Grain: one row per metric, section and record type; totals have NULL there.
-- Repeatable: reads only; `rate` was filled before.
-- Parameters: :settings (JSON: metric, title, points, full_from)
-- Source: the receivers' 95 % step: from there on all points, below it the share times the points. A rate over nothing
-- is no rate: it has neither percentage nor points.

WITH settings AS (
    SELECT one.*
    FROM
        jsonb_to_recordset(cast(:settings AS jsonb))
            AS one (
                place int, metric text, title text, points numeric, full_from numeric
            )
),

totals AS (
    SELECT
        metric,
        section,
        record_type,
        sum(good_count) AS good_count,
        sum(all_count) AS all_count
    FROM rate
    GROUP BY GROUPING SETS ((metric, section, record_type), (metric, section), (metric))
),

shares AS (
    SELECT
        totals.*,
        100 * totals.good_count / nullif(totals.all_count, 0) AS percent
    FROM totals
)

SELECT
    shares.section,
    shares.record_type,
    shares.metric,
    settings.title,
    cast(shares.good_count AS bigint) AS good_count,
    cast(shares.all_count AS bigint) AS all_count,
    cast(round(shares.percent, 2) AS float) AS percent,
    cast(round(
        CASE
            WHEN shares.percent >= settings.full_from THEN settings.points
            ELSE settings.points * shares.percent / 100
        END,
        2
    ) AS float) AS points,
    cast(settings.points AS float) AS full_points
FROM shares
INNER JOIN settings ON shares.metric = settings.metric
ORDER BY shares.section NULLS LAST, shares.record_type NULLS LAST, settings.place
