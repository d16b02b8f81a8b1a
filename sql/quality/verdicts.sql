-- What came of each rule in a batch, with the rule's sentence; rules that applied to no row are left out.
--
-- Grain: one row per rule and batch, the gravest first.
-- Repeatable: reads only.
-- Parameters: :batch_id

SELECT
    verdict.rule_code,
    verdict.state,
    verdict.applied_count,
    verdict.failed_count,
    verdict.message,
    registered.severity,
    registered.says
FROM quality.rule_result AS verdict
INNER JOIN quality.rule AS registered ON verdict.rule_code = registered.rule_code
WHERE verdict.batch_id = :batch_id AND verdict.state <> 'not_applicable'
ORDER BY
    verdict.state = 'error' DESC,
    verdict.state = 'failed' DESC,
    array_position(ARRAY['critical', 'warning', 'info'], registered.severity) ASC,
    verdict.failed_count DESC,
    verdict.rule_code ASC;
