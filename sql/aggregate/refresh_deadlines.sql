-- Compute by when each live record must be public: so many working days after its decision, that day not counted.
--
-- Grain: one row per live record. Repeatable: yes; only what differs is written.
-- Parameters: :record_type, :working_days

INSERT INTO warehouse.deadline AS known (record_type, record_id, decision_date, due_date, is_provisional)
SELECT
    :record_type,
    live.record_id,
    {{ counted_from }},
    due.day,
    due.is_provisional
FROM warehouse.{{ record_type }}_current AS live
INNER JOIN warehouse.working_day AS decided ON decided.day = {{ counted_from }}
INNER JOIN warehouse.working_day AS due ON due.is_working AND due.ordinal = decided.ordinal + :working_days
ON CONFLICT (record_type, record_id) DO UPDATE
    SET
        decision_date = excluded.decision_date,
        due_date = excluded.due_date,
        is_provisional = excluded.is_provisional
    WHERE
    (known.decision_date, known.due_date, known.is_provisional)
    IS DISTINCT FROM (excluded.decision_date, excluded.due_date, excluded.is_provisional)
