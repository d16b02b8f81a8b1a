-- Read the ledger of all platforms on a date.
--
-- Grain: one row per platform. Repeatable: reads only. Parameters: :business_date

SELECT
    ledger.platform,
    ledger.message_count,
    ledger.items,
    ledger.accepted,
    ledger.rejected,
    ledger.open,
    ledger.desired_count,
    ledger.published_count,
    ledger.standing_rejections,
    ledger.desired_hash,
    ledger.published_hash,
    ledger.listing_difference,
    ledger.problem,
    ledger.unfit
FROM publication.platform_ledger AS ledger
WHERE ledger.business_date = :business_date
ORDER BY ledger.platform
