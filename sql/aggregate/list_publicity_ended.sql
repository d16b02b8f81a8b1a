-- List the records of a type that are not shown any more from this date on, because days have passed.
--
-- Grain: one row per record. Repeatable: after forget_publicity_ended. Parameters: :business_date, :record_type

INSERT INTO warehouse.publicity_ended (business_date, record_type, record_id, public_until)
SELECT
    :business_date,
    :record_type,
    live.record_id,
    live.hidden_from - 1
FROM warehouse.{{ record_type }}_current AS live
WHERE live.hidden_from = :business_date AND live.decision_date < live.hidden_from
