-- List what a feed's section has to put right: every rule that a row standing open in quarantine breaks.
--
-- Grain: one row per entry and broken rule, the oldest entry first, critical rules before others.
-- Repeatable: reads only. Parameters: :feed, :business_date, :working_days (NULL without a deadline), :hidden
-- The row is shown as received, without sealed parts; identity numbers are masked in landing already. The due date
-- counts from the decision date, where that can be read.

SELECT
    left(encode(entry.content_hash, 'hex'), 12) AS number,
    entry.record_type,
    entry.document,
    entry.party,
    entry.source_id,
    entry.row_number,
    rule.rule_code,
    rule.severity,
    rule.says,
    rule.field,
    to_jsonb(landed) - cast(:hidden AS text[]) AS received,
    entry.opened_on,
    due.day AS due_date,
    cast(:business_date AS date) - entry.opened_on AS age_days
FROM quality.quarantine AS entry
INNER JOIN quality.violation AS violation
    ON entry.last_batch_id = violation.batch_id AND entry.row_number = violation.row_number
INNER JOIN quality.rule AS rule ON violation.rule_code = rule.rule_code
INNER JOIN {{ landing }} AS landed
    ON entry.last_batch_id = landed.batch_id AND entry.row_number = landed.row_number
LEFT JOIN warehouse.working_day AS decided ON decided.day = {{ decision_date }}
LEFT JOIN warehouse.working_day AS due
    ON due.is_working AND due.ordinal = decided.ordinal + cast(:working_days AS int)
WHERE entry.feed = :feed AND entry.state = 'open' AND rule.severity <> 'info'
ORDER BY
    entry.opened_on ASC,
    entry.document ASC,
    entry.content_hash ASC,
    array_position(ARRAY['critical', 'warning'], rule.severity) ASC,
    rule.rule_code ASC
