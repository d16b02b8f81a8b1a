-- All rules as they are registered.
--
-- Grain: one row per rule.
-- Repeatable: changes nothing.
-- Parameters: none.

SELECT
    rule_code,
    record_type,
    field,
    severity,
    dimension,
    says,
    basis
FROM quality.rule;
