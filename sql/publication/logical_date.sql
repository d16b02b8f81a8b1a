-- Say for which date a platform's states are compared: never before the latest night it was told about.
--
-- Grain: one date. Repeatable: reads only. Parameters: :platform, :business_date
-- Repeating an old night must not take back what only a later date made public.

SELECT greatest(cast(:business_date AS date), max(message.business_date))
FROM publication.message AS message
WHERE message.platform = :platform
