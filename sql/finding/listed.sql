-- List the findings of a period, the latest first.
--
-- Grain: one row per finding. Repeatable: reads only. Parameters: :first, :last, :section (NULL: all)

SELECT
    record_type,
    section,
    document,
    found_on,
    found_by,
    person,
    party,
    decided_on,
    note
FROM quality.finding
WHERE
    found_on BETWEEN :first AND :last
    AND section = coalesce(cast(:section AS text), section)
ORDER BY found_on DESC, record_type ASC, document ASC
