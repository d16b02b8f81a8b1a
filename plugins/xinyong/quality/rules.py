"""What a rule is: one expectation, one code, one sentence, one example that passes and one that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from xinyong.catalogue.words import Dimension
from xinyong.quality.questions import QUESTIONS

Severity = Literal["critical", "warning", "info"]
Example = dict[str, Any]
_FILLED = ("expect_column_values_to_not_be_null", "expect_column_to_be_filled_when_contains")
DIMENSIONS: tuple[str, ...] = get_args(Dimension)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """
    One rule of a suite.

    `severity` decides what becomes of a record that breaks it: critical sets it aside, warning reports it, info
    counts it. `type` and `kwargs` are those of a Great Expectations expectation; `passes` and `fails` are columns of
    a staged row that make an otherwise valid record keep or break the rule.
    """

    code: str
    record_type: str
    severity: Severity
    dimension: str
    says: str
    basis: str
    field: str | None
    type: str
    kwargs: dict[str, Any]
    passes: Example
    fails: Example

    @property
    def asks_warehouse(self) -> bool:
        """Whether it is judged when all feeds are stored, and not with its batch."""
        return self.type in QUESTIONS

    @property
    def asks_date(self) -> bool:
        """Whether its verdict depends on the date on which it is judged."""
        return "$PARAMETER" in str(self.kwargs)

    @property
    def requires_item(self) -> bool:
        """Whether it asks for a field to be filled, whatever stands there: what a receiver calls an item required."""
        return self.type in _FILLED and self.dimension == "completeness"

    def expectation(self, **parameters: Any) -> Any:
        """Return the expectation with the suite's parameters (`$PARAMETER`) filled in."""
        from great_expectations.expectations.registry import get_expectation_impl

        from xinyong.quality import code_tables, expectations, warehouse_expectations  # noqa: F401 – own types

        made = get_expectation_impl(self.type)
        meta = {"code": self.code, "dimension": self.dimension, "basis": self.basis, "field": self.field}
        kwargs = {name: _filled(value, parameters) for name, value in self.kwargs.items()}
        return made(**kwargs, severity=self.severity, meta=meta, description=f"{self.code} {self.says}")

    def columns(self) -> set[str]:
        """Return every staged column that the rule and its examples name."""
        return self.reads() | set(self.passes) | set(self.fails)

    def reads(self) -> set[str]:
        """Return the staged columns that the rule's keys name."""
        single = ("column", "column_A", "column_B", "key", "content", "name", "date_column")
        named = {self.kwargs[key] for key in single if key in self.kwargs} | set(self.kwargs.get("column_list", ()))
        named |= set(self.kwargs.get("numbers", {}).values())
        return named | set(_in_condition(self.kwargs.get("row_condition")))

    def coded(self, code: str) -> Rule:
        """Return the same rule under another code."""
        return replace(self, code=code)


def _filled(value: Any, parameters: dict[str, Any]) -> Any:
    """Fill in parameters, also those inside a row condition."""
    if isinstance(value, dict):
        if "$PARAMETER" in value:
            return parameters[value["$PARAMETER"]]
        return {key: _filled(inner, parameters) for key, inner in value.items()}
    return [_filled(one, parameters) for one in value] if isinstance(value, list) else value


def _in_condition(condition: dict[str, Any] | None) -> list[str]:
    """Return the columns that a row condition reads."""
    if not condition:
        return []
    if "conditions" in condition:
        return [name for part in condition["conditions"] for name in _in_condition(part)]
    return [condition["column"]["name"]]
