-- List the acts about one record, whatever they became.
--
-- Grain: one row per act, as they took effect. Repeatable: reads only. Parameters: :record_type, :record_id

SELECT
    act.act_id,
    act.kind,
    act.effective_on,
    act.known_on,
    act.counted_from,
    act.person,
    act.basis,
    act.document_number,
    act.reason,
    act.answers,
    act.disclosure,
    act.fields,
    reversal.act_id IS NOT NULL AS is_reversed
FROM warehouse.act AS act
LEFT JOIN warehouse.act AS reversal ON act.act_id = reversal.answers AND reversal.kind = 'reversal'
WHERE act.record_type = :record_type AND act.record_id = cast(:record_id AS uuid)
ORDER BY act.effective_on, act.act_id
