-- Say whether a night's ledger row keeps what was compared then: it balanced, and a later night was told since.
--
-- Grain: one row. Repeatable: reads only. Parameters: :platform, :business_date
-- From then on the gate is open for that later date (logical_date), and what it compares is no word about this night.

SELECT count(*) > 0 AS keeps_ledger
FROM publication.platform_ledger AS ledger
INNER JOIN publication.message AS later
    ON ledger.platform = later.platform AND ledger.business_date < later.business_date
WHERE
    ledger.platform = :platform
    AND ledger.business_date = :business_date
    AND ledger.desired_hash = ledger.published_hash
