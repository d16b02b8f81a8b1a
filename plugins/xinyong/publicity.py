"""How long a record is shown: the view of current records with severity, repair date and the day it disappears."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import Severity
from xinyong.catalogue.records import Publicity, RecordType
from xinyong.database import Fragment, run

_LONG_TERM = sa.literal_column("DATE '2099-12-31'", sa.Date())


def current_view(connection: sa.Connection, catalogue: Catalogue, record_type: RecordType) -> None:
    """Make the view of a record type's live records anew from the catalogue."""
    party, publicity = record_type.party, record_type.publicity
    decided = _column(record_type.decision_date)
    severity = _severity(catalogue, publicity)
    parts = {
        "record_type": record_type.name,
        "history": f"warehouse.{record_type.name}",
        "several_feeds": len(catalogue.feeds_of(record_type.name)) > 1,
        "party_name": Fragment.of(_column(party.name)),
        "party_kind": Fragment.of(_column(party.kind)),
        "document": Fragment.of(_column(record_type.document)),
        "decision_date": Fragment.of(sa.cast(decided, sa.Date())),
        "severity": Fragment.of(sa.cast(severity, sa.Text())),
        "repair_from": Fragment.of(sa.cast(_after(catalogue, publicity, severity, decided, "min_months"), sa.Date())),
        "hidden_from": Fragment.of(sa.cast(_hidden_from(catalogue, publicity, severity, decided), sa.Date())),
    }
    run(connection, "warehouse/current_view", parts)


def _column(code: str | None) -> sa.ColumnElement[str]:
    return sa.literal_column(f"version.{code.lower()}", sa.Text()) if code else sa.cast(sa.null(), sa.Text())


def _rules(catalogue: Catalogue, publicity: Publicity) -> Severity | None:
    return catalogue.severities[publicity.severity] if publicity.severity else None


def _severity(catalogue: Catalogue, publicity: Publicity) -> sa.ColumnElement[str]:
    """Return the gravest class that any of the record's kinds belongs to."""
    rules = _rules(catalogue, publicity)
    if rules is None:
        return sa.cast(sa.null(), sa.Text())
    parts = sa.func.string_to_array(_column(publicity.severity_of), ";")
    gravest_first = sorted(rules.classes.items(), key=lambda entry: -entry[1].max_months)
    branches = [
        (parts.op("&&")(sa.dialects.postgresql.array([sa.literal(kind) for kind in one.kinds])), sa.literal(name))
        for name, one in gravest_first
        if one.kinds
    ]
    return sa.case(*branches, else_=sa.literal(rules.default))


def _after(
    catalogue: Catalogue,
    publicity: Publicity,
    severity: sa.ColumnElement[str],
    decided: sa.ColumnElement[str],
    months: str,
) -> sa.ColumnElement[Any]:
    """Return the decision date plus the class's months, in calendar months with the end of month kept."""
    rules = _rules(catalogue, publicity)
    if rules is None:
        return sa.cast(sa.null(), sa.Date())
    counts = [(severity == name, sa.literal(getattr(one, months))) for name, one in rules.classes.items()]
    return sa.cast(decided, sa.Date()) + sa.func.make_interval(0, sa.case(*counts))


def _hidden_from(
    catalogue: Catalogue, publicity: Publicity, severity: sa.ColumnElement[str], decided: sa.ColumnElement[str]
) -> sa.ColumnElement[Any]:
    """Return the first day on which the record is not shown any more; NULL is long term."""
    if publicity.until:
        end = sa.cast(_column(publicity.until), sa.Date())
        return sa.case((end < _LONG_TERM, end + 1))
    by_class = sa.cast(_after(catalogue, publicity, severity, decided, "max_months"), sa.Date())
    if publicity.not_after:
        return sa.func.least(by_class, sa.cast(_column(publicity.not_after), sa.Date()))
    return by_class
