-- The stored calendar up to the end of a year, as one hash of the lines by which COPY would write it.
--
-- Grain: one row. Repeatable: reads only. Parameters: :last_year

SELECT md5(string_agg(concat_ws(chr(9), day, is_working, ordinal, is_provisional, notice) || chr(10), '' ORDER BY day))
FROM warehouse.working_day
WHERE day <= make_date(:last_year, 12, 31)
