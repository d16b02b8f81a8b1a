-- Take over the calendar where it differs from the stored one.
--
-- Grain: one row per day. Repeatable: yes; only what differs is written. Parameters: none.

INSERT INTO warehouse.working_day AS known (day, is_working, ordinal, is_provisional, notice)
SELECT
    day,
    is_working,
    ordinal,
    is_provisional,
    notice
FROM calendar_now
ON CONFLICT (day) DO UPDATE
    SET
        is_working = excluded.is_working,
        ordinal = excluded.ordinal,
        is_provisional = excluded.is_provisional,
        notice = excluded.notice
    WHERE
    (known.is_working, known.ordinal, known.is_provisional, known.notice)
    IS DISTINCT FROM (excluded.is_working, excluded.ordinal, excluded.is_provisional, excluded.notice)
