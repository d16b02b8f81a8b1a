-- Say what is committed by now, and keep what was touched from being removed until the transaction ends.
--
-- Grain: one row. Repeatable: reads only. Parameters: none.

SELECT
    cast(pg_current_snapshot() AS text) AS seen,
    pg_advisory_xact_lock_shared(hashtextextended('touched', 4)) AS is_held
