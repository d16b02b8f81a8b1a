"""
One pass over a batch: every expectation's own condition, compiled into a single statement.

Great Expectations decides what fails; it is only never asked to fetch failing rows, of which it returns twenty. A
rule whose condition cannot be compiled or run is in state `error`, with what went wrong, and the others go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from great_expectations.expectations.expectation import ColumnMapExpectation, ColumnPairMapExpectation
from great_expectations.expectations.registry import get_metric_kwargs
from great_expectations.expectations.row_conditions import deserialize_row_condition
from great_expectations.validator.metric_configuration import MetricConfiguration
from sqlalchemy.exc import DBAPIError

from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run, statement
from xinyong.quality.engine import calculator, shape_of
from xinyong.quality.expectations import Condition
from xinyong.quality.questions import STAGED
from xinyong.quality.rules import Rule
from xinyong.quality.screens import codes_of
from xinyong.quality.suites import suite

_ARGUMENTS = 90  # PostgreSQL functions take at most 100
_OF_EVERY_ROW = {"column_values.nonnull", "column_values.null"}

RESULT = sa.table(
    "rule_result",
    *[sa.column(name) for name in ("batch_id", "rule_code", "state", "applied_count", "failed_count", "message")],
    schema="quality",
)
VIOLATION = sa.table(
    "violation", *[sa.column(name) for name in ("batch_id", "row_number", "rule_code")], schema="quality"
)


@dataclass(frozen=True, slots=True, eq=False)  # known by itself: comparing conditions makes another condition
class Judged:
    """A rule as SQL: which rows it speaks about and which of them fail."""

    rule: Rule
    applied: Condition
    fails: Condition | None
    failing: Any = None


def judge(connection: sa.Connection, record_type: RecordType, table: str, batch_id: int, business_date: date) -> None:
    """Rewrite the violations and the rule results of one batch by its record type's suite."""
    judge_by(connection, suite(record_type), table, batch_id, business_date)


def judge_by(
    connection: sa.Connection, rules: tuple[Rule, ...], table: str, batch_id: int, business_date: date
) -> None:
    """Rewrite the violations and the rule results of one batch by those of these rules that need no warehouse."""
    register(connection, rules)
    rules = tuple(rule for rule in rules if not rule.asks_warehouse)
    run(connection, "quality/forget_verdicts", batch_id=batch_id)
    compiled, errors = compile_rules(connection, rules, table, business_date)
    try:
        with connection.begin_nested():
            applied = _list_violations(connection, tuple(compiled), table, batch_id)
    except DBAPIError:
        errors |= _raising(connection, compiled, table, batch_id)
        sound = tuple(one for one in compiled if one.rule.code not in errors)
        applied = _list_violations(connection, sound, table, batch_id)
    _write_results(connection, rules, applied, errors, batch_id)


def register(connection: sa.Connection, rules: Iterable[Rule]) -> None:
    """
    Keep the sentences of the rules beside the violations, for everyone who only reads the database.

    What is known already is not written again: feeds of one record type are judged at the same time, and a row
    that one of them writes makes the other wait until it has finished.
    """
    known = {tuple(row) for row in run(connection, "quality/known_rules")}
    names = ("rule_code", "record_type", "field", "severity", "dimension", "says", "basis")
    told = [tuple(getattr(rule, "code" if name == "rule_code" else name) for name in names) for rule in rules]
    new = [dict(zip(names, values, strict=True)) for values in told if values not in known]
    if new:
        connection.execute(statement("quality/register_rule"), new)


def compile_rules(
    connection: sa.Connection, rules: Iterable[Rule], table: str, business_date: date
) -> tuple[list[Judged], dict[str, str]]:
    """Ask every expectation for its condition; return them and what went wrong by rule code."""
    rules, batch = tuple(rules), shape_of(connection, table)
    metrics = calculator(batch)
    known = set(metrics.columns({"batch_id": batch.id}))
    lacking = {rule.code: missing[0] for rule in rules if (missing := sorted(rule.reads() - known))}
    errors = {
        code: f"The staged table lacks the column {name}, which this rule reads." for code, name in lacking.items()
    }
    errors |= _compile(metrics, [rule for rule in rules if rule.code not in errors], business_date)
    return [_LATEST[rule][1] for rule in rules if rule.code not in errors], errors


# A condition names columns and no table, so it serves every batch of the process, and every date unless it asks for it;
# of those that do, the latest date's is kept.
_LATEST: dict[Rule, tuple[date, Judged]] = {}


def _is_known(rule: Rule, business_date: date) -> bool:
    day = _LATEST.get(rule, (None,))[0]
    return day == business_date or (day is not None and not rule.asks_date)


def _compile(metrics: Any, rules: Iterable[Rule], business_date: date) -> dict[str, str]:
    """Keep the condition of each rule that is not known; return what went wrong, which is each rule's own affair."""
    asked: dict[Rule, _Asked] = {}
    errors: dict[str, str] = {}
    for rule in rules:
        if not _is_known(rule, business_date):
            with _noting(rule, errors):
                asked[rule] = _ask(rule, rule.expectation(business_date=business_date))
    found = _resolved(metrics, [one.condition for one in asked.values() if one.condition is not None])
    for rule, one in asked.items():
        with _noting(rule, errors):
            _LATEST[rule] = (business_date, one.judged(metrics, found))
    return errors


def _resolved(metrics: Any, conditions: list[MetricConfiguration]) -> dict[Any, Any]:
    """Resolve conditions all at once, for they depend on much that is the same; who is not there is asked alone."""
    found: dict[Any, Any] = {}
    with suppress(Exception):  # whatever one of them raises is raised again when it is asked alone
        found, _failed = metrics.compute_metrics(conditions)
    return found


@contextmanager
def _noting(rule: Rule, errors: dict[str, str]) -> Iterator[None]:
    """Take whatever a rule raises for its own error, not the batch's."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 – said above
        errors[rule.code] = f"{type(error).__name__}: {error}"[:500]


@dataclass(frozen=True, slots=True)
class _Asked:
    """An expectation and the metric that is its condition; none where it looks at several rows."""

    rule: Rule
    expectation: Any
    condition: MetricConfiguration | None

    def judged(self, metrics: Any, found: dict[Any, Any]) -> Judged:
        if self.condition is None:
            return Judged(self.rule, self.expectation.applied(), None, self.expectation.failing)
        answer = found.get(self.condition.id) or metrics.get_metric(self.condition)
        fails, applied = answer[0], _applied(self.expectation)
        chosen = deserialize_row_condition(self.condition.metric_domain_kwargs.get("row_condition"))
        if chosen is not None:
            selected = metrics._execution_engine.condition_to_filter_clause(chosen)
            fails, applied = sa.and_(selected, fails), sa.and_(selected, applied)
        return Judged(self.rule, applied, fails)


def _ask(rule: Rule, expectation: Any) -> _Asked:
    if hasattr(expectation, "failing"):
        return _Asked(rule, expectation, None)
    # What Great Expectations would count, of which only the condition is wanted.
    counted = get_metric_kwargs(f"{expectation.map_metric}.unexpected_count", expectation.configuration, {})
    domain, value = counted["metric_domain_kwargs"], counted["metric_value_kwargs"]
    return _Asked(rule, expectation, MetricConfiguration(f"{expectation.map_metric}.condition", domain, value))


def _applied(expectation: Any) -> Condition:
    """Which rows an expectation speaks about, apart from its row condition."""
    if hasattr(expectation, "applied"):
        own: Condition = expectation.applied()
        return own
    if expectation.map_metric in _OF_EVERY_ROW:
        return sa.true()
    if isinstance(expectation, ColumnMapExpectation):
        names = [expectation.column]
    elif isinstance(expectation, ColumnPairMapExpectation):
        names = [expectation.column_A, expectation.column_B]
    else:
        names = expectation.column_list
    return sa.and_(*[sa.column(name).is_not(None) for name in names])


def _list_violations(
    connection: sa.Connection, compiled: tuple[Judged, ...], table: str, batch_id: int
) -> dict[str, int]:
    """
    Write every failing (record, rule) and return how many rows each rule applied to.

    PostgreSQL does not read in parallel for an INSERT, so that one statement fills a temporary table, which holds the
    failing rows only; expanding them is cheap.
    """
    if not compiled:
        return {}
    names = {"staged": table, "failing": _failing(compiled)}
    run(connection, "quality/list_failing", names, batch_id=batch_id)
    run(connection, "quality/keep_failing", batch_id=batch_id)
    run(connection, "quality/forget_failing_rows")
    columns, counts = _counts(compiled)
    counted = run(connection, "quality/count_applied", {"staged": table, "counts": counts}, batch_id=batch_id).one()
    return {code: counted[at] for code, at in columns.items()}


@lru_cache(maxsize=16)
def _failing(compiled: tuple[Judged, ...]) -> Fragment:
    """Write the question which rows break which of these rules; it serves every batch that the process judges."""
    rowwise = [one for one in compiled if one.fails is not None]
    parts = [_rowwise(rowwise)] if rowwise else []
    parts += [_across(one) for one in compiled if one.failing is not None]
    return Fragment.of(sa.union_all(*parts))


def _rowwise(compiled: list[Judged]) -> sa.Select[Any]:
    """List in one pass the rows that break a rule that judges one row by itself, with the codes of all they break."""
    codes = _joined(codes_of(compiled, _joined))
    judged = sa.select(sa.column("row_number", sa.Integer()), codes.label("codes")).select_from(STAGED).subquery()
    return sa.select(judged.c.row_number, judged.c.codes).where(judged.c.codes != "")


def _across(one: Judged) -> sa.Select[Any]:
    """List the rows that break a rule that looks at several rows."""
    rows = one.failing(STAGED).subquery()
    return sa.select(rows.c.row_number, sa.cast(sa.literal(one.rule.code), sa.Text()).label("codes"))


def _joined(parts: list[Any]) -> sa.ColumnElement[str]:
    """Join texts that are not NULL by commas, however many they are."""
    if len(parts) <= _ARGUMENTS:
        return sa.func.concat_ws(",", *parts)
    groups = [parts[at : at + _ARGUMENTS] for at in range(0, len(parts), _ARGUMENTS)]
    return sa.func.concat_ws(",", *[sa.func.nullif(_joined(group), "") for group in groups])


@lru_cache(maxsize=16)
def _counts(compiled: tuple[Judged, ...]) -> tuple[dict[str, int], Fragment]:
    """
    Write the question how many rows each rule speaks about, and where its answer stands.

    Rules that speak about the same rows share one count.
    """
    texts = {one.rule.code: Fragment.of(one.applied).sql for one in compiled}
    applied = {texts[one.rule.code]: one.applied for one in compiled}
    order = list(applied)
    counts = [sa.func.count().filter(applied[text]).label(f"c{at}") for at, text in enumerate(order)]
    columns = {code: order.index(text) for code, text in texts.items()}
    return columns, Fragment.of(sa.select(*counts).select_from(STAGED))


def _raising(connection: sa.Connection, compiled: list[Judged], table: str, batch_id: int) -> dict[str, str]:
    """Run every rule by itself and return those that the database refuses; only done after the common pass failed."""
    errors = {}
    for one in compiled:
        try:
            with connection.begin_nested() as savepoint:
                _list_violations(connection, (one,), table, batch_id)
                savepoint.rollback()
        except DBAPIError as error:
            # The database's own message may quote a value of the record, so only its kind is kept.
            kind = type(error.orig).__name__
            errors[one.rule.code] = f"The database refused this rule's condition: {kind}. Correct it in the suite."
    return errors


def _write_results(
    connection: sa.Connection, rules: Iterable[Rule], applied: dict[str, int], errors: dict[str, str], batch_id: int
) -> None:
    """Write what came of each rule; a rule that spoke about no row is not applicable, whatever it found."""
    counted = sa.select(VIOLATION.c.rule_code, sa.func.count()).where(VIOLATION.c.batch_id == batch_id)
    failed = {code: count for code, count in connection.execute(counted.group_by(VIOLATION.c.rule_code))}
    rows = [
        {
            "batch_id": batch_id,
            "rule_code": rule.code,
            "state": _state(rule.code in errors, applied.get(rule.code, 0), failed.get(rule.code, 0)),
            "applied_count": applied.get(rule.code, 0),
            "failed_count": failed.get(rule.code, 0),
            "message": errors.get(rule.code),
        }
        for rule in rules
    ]
    connection.execute(sa.insert(RESULT), rows)


def _state(is_error: bool, applied_count: int, failed_count: int) -> str:
    if is_error:
        return "error"
    if failed_count:
        return "failed"
    return "passed" if applied_count else "not_applicable"
