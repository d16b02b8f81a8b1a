"""
How long a record is shown: the view of current records with severity, repair date and the day it disappears.

The rule set in force on the logical date decides, for records of any age. The date is the setting
`xinyong.logical_date` of the transaction; without it the newest set does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.platforms import PlatformRecord
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.severity import Severity, SeverityClass
from xinyong.database import Fragment, run

Element = sa.ColumnElement[Any]
Months = Literal["min_months", "max_months"]

LOGICAL_DATE: Element = sa.literal_column(
    "(SELECT cast(coalesce(nullif(current_setting('xinyong.logical_date', TRUE), ''), 'infinity') AS date))", sa.Date()
)
_LONG_TERM = sa.literal_column("DATE '2099-12-31'", sa.Date())


def _column(alias: str, code: str | None) -> Element:
    return sa.literal_column(f"{alias}.{code.lower()}", sa.Text()) if code else sa.cast(sa.null(), sa.Text())


@dataclass(frozen=True, slots=True)
class Judged:
    """A record type's rows under an alias, judged by the rule sets of one family; `start` is when a period begins."""

    record_type: RecordType
    sets: tuple[Severity, ...]
    alias: str
    start: Element

    def column(self, code: str | None) -> Element:
        """Return a field's column, or NULL where there is none."""
        return _column(self.alias, code)

    def day(self, code: str) -> Element:
        """Return a date field's column."""
        return sa.cast(self.column(code), sa.Date())

    def in_force(self, judge: Callable[[Severity], Element]) -> Element:
        """Judge by the set in force on the logical date; before the oldest one, by that one."""
        *newer, oldest = self.sets
        branches = [(sa.literal(one.in_force_from) <= LOGICAL_DATE, judge(one)) for one in newer]
        return sa.case(*branches, else_=judge(oldest)) if branches else judge(oldest)


def current_view(connection: sa.Connection, catalogue: Catalogue, record_type: RecordType) -> None:
    """Make the view of a record type's live records anew from the catalogue."""
    party, publicity = record_type.party, record_type.publicity
    sets = tuple(catalogue.severity_sets(publicity.severity)) if publicity.severity else ()
    decided = sa.cast(_column("version", record_type.decision_date), sa.Date())
    judged = Judged(record_type, sets, "version", decided)
    parts = {
        "record_type": record_type.name,
        "history": f"warehouse.{record_type.name}",
        "several_feeds": len(catalogue.feeds_of(record_type.name)) > 1,
        "party_name": Fragment.of(judged.column(party.name)),
        "party_kind": Fragment.of(judged.column(party.kind) if party.kind else _kind_by_template(record_type)),
        "document": Fragment.of(judged.column(record_type.document)),
        "decision_date": Fragment.of(decided),
        "severity": Fragment.of(sa.cast(_severity(judged), sa.Text())),
        "repair_from": Fragment.of(sa.cast(_repair_from(judged), sa.Date())),
        "hidden_from": Fragment.of(sa.cast(_hidden_from(judged), sa.Date())),
    }
    run(connection, "warehouse/current_view", parts)


def _kind_by_template(record_type: RecordType) -> Element:
    """Say whom a template without a kind of party is about: organisations where it asks for their code."""
    if record_type.party.uscc:
        return sa.literal("法人及非法人组织")
    return sa.literal("自然人") if record_type.party.identity else sa.cast(sa.null(), sa.Text())


def hidden_from(catalogue: Catalogue, record_type: RecordType, taken: PlatformRecord) -> Element:
    """Return the first day on which a platform shows a record no more; some platforms have periods of their own."""
    if not taken.publicity:
        return sa.literal_column("current_record.hidden_from", sa.Date())
    sets = tuple(catalogue.severity_sets(taken.publicity))
    start: Element = sa.literal_column("current_record.decision_date", sa.Date())
    if counts_from_publication(catalogue, taken):
        start = sa.func.coalesce(sa.literal_column("first_receipt.business_date", sa.Date()), LOGICAL_DATE)
    return sa.cast(_by_class(Judged(record_type, sets, "current_record", start)), sa.Date())


def counts_from_publication(catalogue: Catalogue, taken: PlatformRecord) -> bool:
    """Say whether a platform's own periods begin when it first showed the record."""
    sets = catalogue.severity_sets(taken.publicity) if taken.publicity else []
    return any(one.counted_from == "publication" for one in sets)


def _severity(judged: Judged) -> Element:
    """Return the gravest class that any of the record's kinds or amounts belongs to."""
    if not judged.sets:
        return sa.cast(sa.null(), sa.Text())
    return judged.in_force(lambda rules: _class_of(judged, rules))


def _class_of(judged: Judged, rules: Severity) -> Element:
    shown = judged.record_type.publicity
    if shown.severity_class:
        return sa.literal(shown.severity_class if shown.severity_class in rules.classes else rules.default)
    parts = sa.func.string_to_array(judged.column(shown.severity_of), ";")
    branches = []
    for name, grade in _gravest_first(rules):
        branches += [(test, sa.literal(name)) for test in _belongs(judged, parts, grade)]
        if name == rules.default:  # a kind that no class names is as grave as the default
            branches.append((sa.not_(parts.op("<@")(_kinds(rules))), sa.literal(name)))
    return sa.case(*branches, else_=sa.literal(rules.default))


def _kinds(rules: Severity) -> Element:
    kinds = sorted({kind for grade in rules.classes.values() for kind in (*grade.kinds, *grade.from_amount)})
    return sa.cast(sa.dialects.postgresql.array([sa.literal(kind) for kind in kinds]), sa.ARRAY(sa.Text()))


def _gravest_first(rules: Severity) -> list[tuple[str, SeverityClass]]:
    """Order classes by how long they are shown; of two alike, the one declared later is the graver."""
    places = {name: at for at, name in enumerate(rules.classes)}
    return sorted(rules.classes.items(), key=lambda entry: (-entry[1].max_months, -places[entry[0]]))


def _belongs(judged: Judged, parts: Element, grade: SeverityClass) -> list[Element]:
    """Return the tests that make a record belong to a class, each within the class's domains where it has any."""
    tests = _gravity(judged, parts, grade)
    if not grade.domains:
        return tests
    said = sa.func.concat_ws(" ", *[judged.column(code) for code in judged.record_type.publicity.domain_of])
    about = sa.or_(*[sa.func.strpos(said, sa.literal(word)) > 0 for word in grade.domains])
    return [sa.and_(test, about) for test in tests]


def _gravity(judged: Judged, parts: Element, grade: SeverityClass) -> list[Element]:
    """Return what makes a record as grave as a class: one of its kinds, or an amount that is reached."""
    array = sa.dialects.postgresql.array
    tests: list[Element] = []
    if grade.kinds:
        tests.append(parts.op("&&")(array([sa.literal(kind) for kind in grade.kinds])))
    for kind, least in grade.from_amount.items():
        amount = sa.cast(judged.column(judged.record_type.publicity.amounts[kind]), sa.Numeric())
        tests.append(sa.and_(parts.op("&&")(array([sa.literal(kind)])), amount >= sa.literal(least)))
    return tests


def _after(judged: Judged, rules: Severity, months: Months) -> Element:
    """Return the start plus the class's months, in calendar months with the end of month kept."""
    severity = _class_of(judged, rules)
    counts = [(severity == name, sa.literal(getattr(one, months))) for name, one in rules.classes.items()]
    return sa.cast(judged.start + sa.func.make_interval(0, sa.case(*counts)), sa.Date())


def _repair_from(judged: Judged) -> Element:
    if not judged.sets:
        return sa.cast(sa.null(), sa.Date())
    return judged.in_force(lambda rules: _after(judged, rules, "min_months"))


def _hidden_from(judged: Judged) -> Element:
    """Return the first day on which the record is not shown any more; NULL is long term."""
    shown = judged.record_type.publicity
    if not shown.until:
        return _by_class(judged)
    end = judged.day(shown.until)
    return sa.func.least(sa.case((end < _LONG_TERM, end + 1)), _by_class(judged))


def _by_class(judged: Judged) -> Element:
    if not judged.sets:
        return sa.cast(sa.null(), sa.Date())
    ends = judged.in_force(lambda rules: _extended(judged, rules, _after(judged, rules, "max_months")))
    earlier = judged.record_type.publicity.not_after
    return sa.func.least(ends, judged.day(earlier)) if earlier else ends


def _extended(judged: Judged, rules: Severity, ends: Element) -> Element:
    """Let publicity last at least as long as the penalty itself, where the class says so."""
    severity = _class_of(judged, rules)
    branches = []
    for name, one in rules.classes.items():
        if one.extended_by and one.extended_by in judged.record_type.fields:
            until = judged.day(one.extended_by)
            longer = sa.func.greatest(ends, sa.case((until < _LONG_TERM, until + 1)))
            branches.append((severity == name, sa.case((until >= _LONG_TERM, sa.null()), else_=longer)))
    return sa.case(*branches, else_=ends) if branches else ends
