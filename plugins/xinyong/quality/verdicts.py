"""Expectations over what a judged batch came to: its measures, and the verdict of each of its rules."""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import parse_result_format
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from great_expectations.validator.metric_configuration import MetricConfiguration
from great_expectations.validator.validator import ValidationDependencies


class BatchMeasures(TableMetricProvider):  # type: ignore[misc]  # GX has no types that mypy reads
    """The measures of a batch by name, read once for all expectations."""

    metric_name = "batch.measures"

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: Any, **_: Any) -> dict[str, float]:
        rows, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        measured = rows[rows["kind"] == "measure"]
        return dict(zip(measured["name"], measured["value"].astype(float), strict=True))


class ExpectMeasureToBeBetween(BatchExpectation):  # type: ignore[misc]
    """Expect a measure of a batch to lie within the bounds of its feed."""

    measure: str
    min_value: float = 0
    max_value: float
    metric_dependencies: ClassVar[tuple[str, ...]] = ("batch.measures",)
    success_keys: ClassVar[tuple[str, ...]] = ("measure", "min_value", "max_value")
    args_keys: ClassVar[tuple[str, ...]] = ("measure", "min_value", "max_value")

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:
        found = metrics["batch.measures"][self.measure]
        return {"success": self.min_value <= found <= self.max_value, "result": {"observed_value": found}}


class RuleVerdicts(TableMetricProvider):  # type: ignore[misc]
    """What came of each rule, by code, read once for all expectations."""

    metric_name = "batch.rule_verdicts"

    @metric_value(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: Any, **_: Any) -> dict[str, dict[str, Any]]:
        rows, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        return {row["name"]: row for row in rows[rows["kind"] == "rule"].to_dict("records")}


class ExpectRuleToHold(BatchExpectation):  # type: ignore[misc]
    """Expect that no record of the batch broke a rule, and that the rule could be judged."""

    rule_code: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("batch.rule_verdicts",)
    success_keys: ClassVar[tuple[str, ...]] = ("rule_code",)
    args_keys: ClassVar[tuple[str, ...]] = ("rule_code",)

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: Any = None
    ) -> ValidationDependencies:
        """Name the metric that all rules share; the general way reads each rule's declaration some twenty times."""
        verdicts = MetricConfiguration("batch.rule_verdicts", {"batch_id": self.batch_id})
        asked = parse_result_format((runtime_configuration or {}).get("result_format", self.result_format))
        return ValidationDependencies({verdicts.metric_name: verdicts}, asked)

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:
        found = metrics["batch.rule_verdicts"][self.rule_code]
        applied, failed = int(found["applied_count"]), int(found["failed_count"])
        observed = "规则未能执行" if found["state"] == "error" else f"{failed}条违反，适用{applied}条"
        return {"success": found["state"] == "passed", "result": {"observed_value": observed}}
