"""What a rule is: one expectation, one code, one sentence, one example that passes and one that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from xinyong.catalogue.words import Dimension

Severity = Literal["critical", "warning", "info"]
Example = dict[str, Any]
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

    def expectation(self, **parameters: Any) -> Any:
        """Return the expectation with the suite's parameters (`$PARAMETER`) filled in."""
        from great_expectations.expectations.registry import get_expectation_impl

        from xinyong.quality import expectations  # noqa: F401 – registers our own types

        made = get_expectation_impl(self.type)
        meta = {"code": self.code, "dimension": self.dimension, "basis": self.basis, "field": self.field}
        kwargs = {name: _filled(value, parameters) for name, value in self.kwargs.items()}
        return made(**kwargs, severity=self.severity, meta=meta, description=f"{self.code} {self.says}")

    def columns(self) -> set[str]:
        """Return every staged column that the rule and its examples name."""
        return self.reads() | set(self.passes) | set(self.fails)

    def reads(self) -> set[str]:
        """Return the staged columns that the rule's keys name."""
        single = ("column", "column_A", "column_B", "key", "content")
        named = {self.kwargs[key] for key in single if key in self.kwargs} | set(self.kwargs.get("column_list", ()))
        return named | set(_in_condition(self.kwargs.get("row_condition")))

    def coded(self, code: str) -> Rule:
        """Return the same rule under another code."""
        return replace(self, code=code)


def _filled(value: Any, parameters: dict[str, Any]) -> Any:
    if isinstance(value, dict) and "$PARAMETER" in value:
        return parameters[value["$PARAMETER"]]
    return value


def _in_condition(condition: dict[str, Any] | None) -> list[str]:
    """Return the columns that a row condition reads."""
    if not condition:
        return []
    if "conditions" in condition:
        return [name for part in condition["conditions"] for name in _in_condition(part)]
    return [condition["column"]["name"]]
