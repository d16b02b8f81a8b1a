-- Read the ledger of all feeds on a date, with what stands in quarantine today.
--
-- Grain: one row per feed. Repeatable: reads only. Parameters: :business_date

SELECT
    ledger.feed,
    ledger.batch_id,
    ledger.outcome,
    ledger.problem,
    ledger.received,
    ledger.accepted,
    ledger.quarantined,
    ledger.unchanged,
    ledger.duplicate,
    ledger.refused,
    ledger.ended,
    (
        SELECT count(*)
        FROM quality.quarantine AS entry
        WHERE entry.feed = ledger.feed AND entry.state = 'open'
    ) AS open_quarantine,
    batch.unknown_columns
FROM operation.feed_ledger AS ledger
LEFT JOIN landing.batch AS batch ON ledger.batch_id = batch.batch_id
WHERE ledger.business_date = :business_date
ORDER BY ledger.feed
