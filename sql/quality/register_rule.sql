-- Keep a rule's sentence, severity and basis where violations are read.
--
-- Grain: one rule.
-- Repeatable: a rule that is known already is renewed.
-- Parameters: :rule_code, :record_type, :field, :severity, :dimension, :says, :basis

INSERT INTO quality.rule (rule_code, record_type, field, severity, dimension, says, basis)
VALUES (:rule_code, :record_type, :field, :severity, :dimension, :says, :basis)
ON CONFLICT (rule_code) DO UPDATE SET
    record_type = excluded.record_type,
    field = excluded.field,
    severity = excluded.severity,
    dimension = excluded.dimension,
    says = excluded.says,
    basis = excluded.basis;
