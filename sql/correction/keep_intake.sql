-- Keep where the intake of a date pointed before a correction read the date again.
--
-- Grain: one date. Repeatable: in its transaction.
-- Parameters: :correction_id, :business_date, :before (may be NULL), :batch_id, :is_new

INSERT INTO operation.correction_intake (correction_id, business_date, before, batch_id, is_new)
VALUES (:correction_id, :business_date, cast(:before AS jsonb), :batch_id, :is_new)
