-- Find the live records of a feed by document number or record id, or those decided in an interval.
--
-- Grain: one row per sought name and record. Repeatable: reads only.
-- Parameters: :feed, :sought (names), :first, :last (dates, used when no name is given)

SELECT
    sought.name,
    cast(live.record_id AS text) AS record_id
FROM unnest(cast(:sought AS text[])) AS sought (name)
INNER JOIN warehouse.{{ record_type }}_current AS live
    ON
        cast(live.record_id AS text) = sought.name
        OR quality.key_part(live.document) = quality.key_part(sought.name)
WHERE live.feed = :feed
UNION
SELECT
    NULL AS name,
    cast(live.record_id AS text) AS record_id
FROM warehouse.{{ record_type }}_current AS live
WHERE
    cardinality(cast(:sought AS text[])) = 0
    AND live.feed = :feed
    AND live.decision_date BETWEEN cast(:first AS date) AND cast(:last AS date)
