-- Write the payloads of one record type, once, for the items that carry one.
--
-- Grain: one row per record that is told. Repeatable: temporary, dropped with the transaction.
-- Parameters: :record_type; `numbered` was filled before
-- With `asked`, the view holds exactly these records, and nothing is left to choose.

CREATE TEMPORARY TABLE payloads ON COMMIT DROP AS
SELECT
    gate.record_id,
    gate.payload
FROM publication.{{ view }} AS gate
{% if not asked %}
WHERE
    gate.record_id IN (
        SELECT numbered.record_id
        FROM numbered
        WHERE numbered.record_type = :record_type AND numbered.operation <> 'withdraw'
    )
{% endif %}
