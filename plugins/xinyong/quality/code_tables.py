"""The expectation that a value stands in its code table, as the table was on the day of the decision."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

Condition = sa.ColumnElement[bool]
Value = dict[str, Any]  # `value`, and `since` and `until` where it was not always valid


class InCodeTable(ColumnMapMetricProvider):  # type: ignore[misc]  # GX has no types that mypy reads
    """Whether each part of a value stands in a code table and was valid on the date beside it."""

    condition_metric_name = "column_values.in_code_table"
    condition_value_keys = ("codes", "date_column", "separator", "other_prefix")

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls,
        column: Any,
        codes: list[Value],
        date_column: str | None = None,
        separator: str | None = None,
        other_prefix: str | None = None,
        **kwargs: Any,
    ) -> Condition:
        words = [one["value"] for one in codes]
        listed: Condition = column.in_(words)
        if separator or other_prefix:
            # Most values are one word or several; the pattern is asked for the others only.
            if separator:
                listed = sa.or_(listed, _parts(column, separator).contained_by(_array(words)))
            listed = sa.or_(listed, column.regexp_match(pattern(words, separator, other_prefix)))
        if date_column is None:
            return listed
        decided = sa.column(date_column, sa.Date())
        return sa.and_(listed, *[_valid(column, decided, one, separator) for one in _dated(codes)])


class ExpectColumnValuesToBeInCodeTable(ColumnMapExpectation):  # type: ignore[misc]
    """
    Expect values, or each of their parts, to stand in a code table as of the date in another column.

    A value whose date is not known is only looked up; the date has rules of its own.
    """

    codes: list[Value]
    date_column: str | None = None
    separator: str | None = None
    other_prefix: str | None = None
    map_metric: ClassVar[str] = "column_values.in_code_table"
    success_keys: ClassVar[tuple[str, ...]] = ("codes", "date_column", "separator", "other_prefix", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "codes", "date_column")


def pattern(words: list[str], separator: str | None, other_prefix: str | None) -> str:
    """Write a table as a regular expression; a separator left at the end is common and harmless."""
    choices, between = [re.escape(word) for word in words], re.escape(separator or "")
    if other_prefix:
        choices.append(re.escape(other_prefix) + (f"[^{between}]+" if between else ".+"))
    one = f"({'|'.join(choices)})"
    return f"^{one}({between}{one})*{between}?$" if between else f"^{one}$"


def _dated(table: list[Value]) -> list[tuple[str | None, str | None, list[str]]]:
    """Group the words that were not always valid by when they were."""
    groups: dict[tuple[str | None, str | None], list[str]] = {}
    for one in table:
        since, until = one.get("since"), one.get("until")
        if since or until:
            groups.setdefault((since, until), []).append(one["value"])
    return [(since, until, words) for (since, until), words in groups.items()]


def _valid(
    column: Any, decided: sa.ColumnElement[date], group: tuple[str | None, str | None, list[str]], separator: str | None
) -> Condition:
    """Say that a value is free of these words, or that they were valid; the cheap comparison comes first."""
    since, until, words = group
    outside = []
    if since:
        outside.append(decided < date.fromisoformat(since))
    if until:
        outside.append(decided > date.fromisoformat(until))
    says = _parts(column, separator).overlap(_array(words)) if separator else column.in_(words)
    return sa.or_(sa.not_(sa.func.coalesce(sa.or_(*outside), sa.false())), sa.not_(says))


def _parts(column: Any, separator: str) -> Any:
    return sa.func.string_to_array(column, separator, type_=ARRAY(sa.Text()))


def _array(words: list[str]) -> Any:
    return sa.cast(array([sa.literal(word) for word in words]), ARRAY(sa.Text()))
