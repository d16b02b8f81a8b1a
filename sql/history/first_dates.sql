-- Say from when on anything is known, and from when on a platform was told anything.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform

SELECT
    (SELECT min(batch.business_date) FROM landing.batch AS batch) AS known_from,
    (
        SELECT min(message.business_date)
        FROM publication.message AS message
        WHERE message.platform = :platform
    ) AS told_from
