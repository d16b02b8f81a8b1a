"""
Expectations of our own, beside those of Great Expectations: cross-field conditions, identifiers, keys.

Each is a real expectation with a metric, so that a suite, its native evaluation and the compiled pass share it.
`applied` says which rows an expectation speaks about; `failing` gives the rows of one that no condition on a
single row can express.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import (
    BatchExpectation,
    ColumnMapExpectation,
    MulticolumnMapExpectation,
)
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_condition_partial,
    multicolumn_condition_partial,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

Condition = sa.ColumnElement[bool]
_MULTICOLUMN_DOMAIN = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")


def _sql(condition: str) -> Condition:
    """Take a condition of a suite as it is written; suites are part of the program, never of the data."""
    return sa.literal_column("(" + condition + ")", sa.Boolean())


class ConditionHolds(MulticolumnMapMetricProvider):  # type: ignore[misc]  # GX has no types that mypy reads
    """Whether a written condition holds for a row; where it is unknown (NULL), the row does not fail."""

    condition_metric_name = "multicolumn_values.condition_holds"
    condition_domain_keys = _MULTICOLUMN_DOMAIN
    condition_value_keys = ("holds", "applies")

    @multicolumn_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column_list: Any, holds: str, applies: str | None = None, **kwargs: Any) -> Condition:
        return sa.or_(sa.not_(_sql(applies)), _sql(holds)) if applies else _sql(holds)


class ExpectConditionToHold(MulticolumnMapExpectation):  # type: ignore[misc]
    """
    Expect a condition between fields of one row to hold, for the rows that `applies` selects.

    `known_when` says where the condition can be decided, at less cost than deciding it.
    """

    holds: str
    applies: str | None = None
    known_when: str | None = None
    ignore_row_if: Literal["never"] = "never"
    map_metric: ClassVar[str] = "multicolumn_values.condition_holds"
    success_keys: ClassVar[tuple[str, ...]] = ("holds", "applies", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column_list", "holds", "applies")

    def applied(self) -> Condition:
        """Rows for which the condition can be decided."""
        known = _sql(self.known_when) if self.known_when else _sql(self.holds).is_not(None)
        return sa.and_(_sql(self.applies), known) if self.applies else known


class FilledWhenContains(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """Whether a field is filled (and more than zero) in rows whose first column contains one of the words."""

    condition_metric_name = "multicolumn_values.filled_when_contains"
    condition_domain_keys = _MULTICOLUMN_DOMAIN
    condition_value_keys = ("words", "positive")

    @multicolumn_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column_list: Any, words: list[str], positive: bool = False, **kwargs: Any) -> Condition:
        says, written, *read = column_list
        filled = written.is_not(None)
        if positive:
            # What is written but not readable as an amount breaks the rule on amounts, not this one.
            filled = sa.and_(filled, sa.or_(read[0].is_(None), read[0] > 0))
        return sa.or_(sa.not_(_contains(says, words)), filled)


class ExpectColumnToBeFilledWhenContains(MulticolumnMapExpectation):  # type: ignore[misc]
    """
    Expect the second column to be filled when the first contains one of the words.

    A third column is the number read from the second, for amounts that must be more than nothing.
    """

    words: list[str]
    positive: bool = False
    ignore_row_if: Literal["never"] = "never"
    map_metric: ClassVar[str] = "multicolumn_values.filled_when_contains"
    success_keys: ClassVar[tuple[str, ...]] = ("words", "positive", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column_list", "words", "positive")

    def applied(self) -> Condition:
        """Rows whose first column contains one of the words."""
        return _contains(sa.column(self.column_list[0], sa.Text()), self.words)


def _contains(column: Any, words: list[str]) -> Condition:
    text = sa.type_coerce(column, sa.Text())
    return sa.or_(*[text.contains(word, autoescape=True) for word in words])


class FilledTogether(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """Whether two columns are both filled or both blank."""

    condition_metric_name = "multicolumn_values.filled_together"
    condition_domain_keys = _MULTICOLUMN_DOMAIN
    condition_value_keys = ()

    @multicolumn_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column_list: Any, **kwargs: Any) -> Condition:
        first, second = column_list
        both: Condition = first.is_(None) == second.is_(None)
        return both


class ExpectColumnsToBeFilledTogether(MulticolumnMapExpectation):  # type: ignore[misc]
    """Expect two columns to be both filled or both blank."""

    ignore_row_if: Literal["never"] = "never"
    map_metric: ClassVar[str] = "multicolumn_values.filled_together"
    args_keys: ClassVar[tuple[str, ...]] = ("column_list",)

    def applied(self) -> Condition:
        """Rows with at least one of the two."""
        return sa.or_(*[sa.column(name).is_not(None) for name in self.column_list])


IDENTIFIERS = {
    "uscc": sa.func.quality.is_uscc,
    "organisation_code": sa.func.quality.is_organisation_code,
    "registration_number": sa.func.quality.is_registration_number,
}


class IsIdentifier(ColumnMapMetricProvider):  # type: ignore[misc]
    """Whether a value is an identifier of its kind, by the database's own function."""

    condition_metric_name = "column_values.identifier"
    condition_value_keys = ("kind",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column: Any, kind: str, **kwargs: Any) -> Condition:
        return sa.type_coerce(IDENTIFIERS[kind](column), sa.Boolean())


class ExpectColumnValuesToBeIdentifiers(ColumnMapExpectation):  # type: ignore[misc]
    """Expect the values of a column to be unified codes, organisation codes or registration numbers."""

    kind: Literal["uscc", "organisation_code", "registration_number"]
    map_metric: ClassVar[str] = "column_values.identifier"
    success_keys: ClassVar[tuple[str, ...]] = ("kind", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "kind")


class HoldsNoPersonalNumber(ColumnMapMetricProvider):  # type: ignore[misc]
    """Whether a text is free of telephone and bank card numbers, by the database's own function."""

    condition_metric_name = "column_values.no_personal_number"

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column: Any, **kwargs: Any) -> Condition:
        return sa.not_(sa.type_coerce(sa.func.quality.holds_personal_number(column), sa.Boolean()))


class ExpectColumnValuesToHoldNoPersonalNumbers(ColumnMapExpectation):  # type: ignore[misc]
    """Expect texts to hold no telephone number and no bank card number."""

    map_metric: ClassVar[str] = "column_values.no_personal_number"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly",)
    args_keys: ClassVar[tuple[str, ...]] = ("column",)


_RESIDENTS = "resident_id:"  # verdicts are written `<kind>:<finding>`, or `unknown`


class VerdictIsValid(ColumnMapMetricProvider):  # type: ignore[misc]
    """Whether the verdict on a sealed identity number is valid, for residents' numbers or for all others."""

    condition_metric_name = "column_values.verdict_valid"
    condition_value_keys = ("of",)

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, column: Any, of: str, **kwargs: Any) -> Condition:
        return sa.or_(sa.not_(_verdict_is_of(column, of)), column.endswith(":valid"))


def _verdict_is_of(column: Any, of: str) -> Condition:
    residents: Condition = column.startswith(_RESIDENTS)
    return residents if of == "residents" else sa.and_(sa.not_(residents), column != "unknown")


class ExpectVerdictsToBeValid(ColumnMapExpectation):  # type: ignore[misc]
    """Expect identity numbers to be written as their kind of document demands, judged before they were sealed."""

    of: Literal["residents", "others"]
    map_metric: ClassVar[str] = "column_values.verdict_valid"
    success_keys: ClassVar[tuple[str, ...]] = ("of", "mostly")
    args_keys: ClassVar[tuple[str, ...]] = ("column", "of")

    def applied(self) -> Condition:
        """Rows with a number of these kinds."""
        return _verdict_is_of(sa.column(self.column, sa.Text()), self.of)


def conflicting(table: Any, key: str, content: str) -> sa.Subquery:
    """
    Return the keys that stand with more than one content; the same content twice is one record delivered twice.

    Keys that stand more than once are sought first: contents are told apart by sorting, which only those few need.
    """
    named: sa.ColumnClause[Any] = sa.column(key)
    repeated = sa.select(named).select_from(table).where(named.is_not(None)).group_by(named)
    several = sa.func.count(sa.distinct(sa.column(content))) > 1
    grouped = sa.select(named, sa.func.count().label("rows")).select_from(table)
    among = grouped.where(named.in_(repeated.having(sa.func.count() > 1)))
    return among.group_by(named).having(several).subquery("conflicting")


class RowsWithConflictingContent(TableMetricProvider):  # type: ignore[misc]
    """How many rows share their key with a row of different content."""

    metric_name = "table.conflicting_rows"
    value_keys = ("key", "content")

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(cls, execution_engine: Any, metric_domain_kwargs: Any, metric_value_kwargs: Any, **_: Any) -> int:
        table, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        found = conflicting(table, metric_value_kwargs["key"], metric_value_kwargs["content"])
        counted = sa.select(sa.func.coalesce(sa.func.sum(found.c.rows), 0))
        return int(execution_engine.execute_query(counted).scalar_one())


class ExpectKeyToHaveOneContent(BatchExpectation):  # type: ignore[misc]
    """Expect rows that share a key to carry the same content."""

    key: str
    content: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.conflicting_rows", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("key", "content")
    args_keys: ClassVar[tuple[str, ...]] = ("key", "content")

    def applied(self) -> Condition:
        """Rows that have a key."""
        return sa.column(self.key).is_not(None)

    def failing(self, table: sa.Subquery) -> sa.Select[Any]:
        """Every row of a conflict: nobody can tell which of them is right."""
        found = conflicting(table, self.key, self.content)
        in_conflict = sa.column(self.key).in_(sa.select(found.c[self.key]))
        return sa.select(sa.column("row_number")).select_from(table).where(in_conflict)

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:
        count, total = metrics["table.conflicting_rows"], metrics["table.row_count"]
        return {
            "success": count == 0,
            "result": {"observed_value": count, "element_count": total, "unexpected_count": count},
        }
