-- Say of values that are meant instead whether a date or an amount can be read from them, as staging does it; a word
-- for nothing is blank, and a blank is both.
--
-- Grain: one row per value. Repeatable: reads only. Parameters: :values

SELECT
    given.value,
    quality.folded(given.value) IS NULL OR quality.to_date(quality.folded(given.value)) IS NOT NULL AS is_date,
    quality.folded(given.value) IS NULL OR quality.to_amount(quality.folded(given.value)) IS NOT NULL AS is_amount
FROM unnest(cast(:values AS text[])) AS given (value)
