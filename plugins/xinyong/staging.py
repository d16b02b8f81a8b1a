"""
Clean a landed batch into its staged table, the one place where spellings are read.

Three layers, written by `sql/quality/stage.sql`: every landed column is cleaned; fields without a column of
their own are derived as the feed declares; dates and amounts are read, and words of code tables are brought to the
spelling of their table as of the decision date (`respelled` in catalogue/codes/). Identity fields travel as masked text
with their sealed parts. Then the record gets its id (from the business key) and the hash of its content.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from xinyong import restatement
from xinyong.catalogue import Catalogue, catalogue
from xinyong.catalogue.codes import CodeTable
from xinyong.catalogue.feeds import Derivation, Feed
from xinyong.catalogue.records import RecordType
from xinyong.database import Fragment, run
from xinyong.retention import refuse_dropped
from xinyong.tables import IDENTITY_PARTS, identity_columns

Column = sa.ColumnElement[str]


@dataclass(frozen=True, slots=True)
class Staged:
    """One column of a layer: its name and how it arises."""

    name: str
    expression: Fragment


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One landed column: the function that cleans it (none for sealed parts), and whether it folds full width."""

    name: str
    cleaner: str = ""
    is_folded: bool = False


def staged_table(feed: Feed) -> str:
    """Return the name of the table that holds a feed's latest cleaned batch."""
    return f"quality.staged_{feed.name}"


def stage(
    connection: sa.Connection, feed: Feed, record_type: RecordType, batch_id: int, known_at: datetime, table: str = ""
) -> None:
    """Rebuild the staged table of a feed from one landed batch."""
    name = table or staged_table(feed)
    refuse_dropped(connection, batch_id)
    run(connection, "quality/drop_staged", {"staged": name})
    parts = _parts_of(name, feed, record_type)
    run(connection, "quality/stage", parts, batch_id=batch_id, known_at=known_at)
    restatement.apply(connection, feed, record_type, parts, batch_id, known_at)
    run(connection, "quality/analyze_staged", {"staged": name})


def _key_column(record_type: RecordType, code: str) -> sa.ColumnElement[Any]:
    """Return a part of the key as text; a date is written as one."""
    column: sa.ColumnElement[Any] = _named(code.lower())
    return column if record_type.fields[code].type == "text" else sa.cast(column, sa.Text())


_LATEST: dict[str, tuple[Catalogue, str, dict[str, object]]] = {}


def _parts_of(name: str, feed: Feed, record_type: RecordType) -> dict[str, object]:
    """Return what a table's statement is made of; who stages many batches in one process works it out once."""
    known, declared = catalogue(), repr((feed, record_type))
    kept = _LATEST.get(name)
    if kept is None or kept[0] is not known or kept[1] != declared:
        kept = _LATEST[name] = known, declared, _parts(name, feed, record_type)
    return kept[2]


def _parts(name: str, feed: Feed, record_type: RecordType) -> dict[str, object]:
    key = [_key_column(record_type, code) for code in record_type.business_key]
    key_text = sa.func.concat_ws(_SEPARATOR, sa.literal(record_type.name), *[sa.func.quality.key_part(k) for k in key])
    cleaned = _cleaned(feed, record_type)
    return {
        "staged": name,
        "landing": f"landing.{feed.name}",
        "row_text": Fragment.of(_row_text(cleaned)),
        "cleaned_columns": cleaned,
        "derived_columns": _derived(feed, record_type),
        "typed_columns": _typed(record_type),
        "source_id": Fragment.of(_named(feed.source_id, "cleaned") if feed.source_id else _nothing()),
        "source_at": Fragment.of(_source_time(feed)),
        "key_is_complete": Fragment.of(sa.and_(*[part.is_not(None) for part in key])),
        "key_text": Fragment.of(key_text),
        "content_text": Fragment.of(_content(record_type)),
    }


_SEPARATOR = sa.func.chr(31)  # the ASCII unit separator: no cleaned value holds it
_FOLDED_BEFORE = sa.func.chr(30)
_DIGITS = "0123456789"
_DAYS = [f"{day:02}" for day in range(1, 32)]
_LONG_MONTHS = ["01", "03", "05", "07", "08", "10", "12"]
_YUAN_IN_WAN = 10_000
_ARGUMENTS = 90  # PostgreSQL functions take at most 100


def _source_time(feed: Feed) -> sa.ColumnElement[datetime]:
    """Read when the source says a record changed; what is no time, or that of a dead clock, counts as not said."""
    if feed.source_at is None:
        return sa.cast(sa.null(), TIMESTAMP(timezone=True))
    moment = sa.func.quality.to_moment(_named(feed.source_at, "cleaned"), type_=TIMESTAMP(timezone=True))
    if feed.source_at_not_before is None:
        return moment
    return sa.case((moment >= sa.cast(feed.source_at_not_before, sa.Date()), moment))


def _named(name: str, layer: str = "typed") -> Column:
    return sa.literal_column(f"{layer}.{name}", sa.Text())


def _nothing() -> Column:
    return sa.cast(sa.null(), sa.Text())


def _cleaned(feed: Feed, record_type: RecordType) -> list[Cleaned]:
    """Clean every landed column: names and long texts are only trimmed, all else is folded to half width."""
    authority = {record_type.authority.name} if record_type.authority else set()
    prose = {code.lower() for code, field in record_type.fields.items() if field.long_text}
    prose |= {code.lower() for code in {record_type.party.name, *authority}}
    sealed = identity_columns(feed, record_type)
    staged = []
    for name in feed.landing_columns:
        is_folded = name not in prose and name not in sealed
        staged.append(Cleaned(name, "quality.folded" if is_folded else "quality.plain", is_folded))
        if name in sealed:
            staged += [Cleaned(f"{name}_{part}") for part in IDENTITY_PARTS]
    return staged


def _row_text(cleaned: list[Cleaned]) -> sa.ColumnElement[str]:
    """Join the cells of a landed row, each between two separators, those to be folded before all others."""
    folded = [_named(one.name, "received") for one in cleaned if one.is_folded]
    plain = [_named(one.name, "received") for one in cleaned if one.cleaner and not one.is_folded]
    cells = [*folded, _FOLDED_BEFORE, *plain]
    groups = [sa.func.concat_ws(_SEPARATOR, *cells[at : at + _ARGUMENTS]) for at in range(0, len(cells), _ARGUMENTS)]
    return sa.func.concat_ws(_SEPARATOR, sa.literal(""), *groups, sa.literal(""))


def _derived(feed: Feed, record_type: RecordType) -> list[Staged]:
    """Give every field of the record type its text: its own landed column, or what the feed declares."""
    staged = []
    for code, field in record_type.fields.items():
        name = code.lower()
        rule = feed.fields.get(code) or _own_column(feed, name)
        parts = ["", *[f"_{part}" for part in IDENTITY_PARTS]] if field.type == "identity" else [""]
        staged += [Staged(name + part, Fragment.of(_derivation(rule, part))) for part in parts]
    return staged


def text_of(feed: Feed, code: str) -> tuple[list[str], sa.ColumnElement[str]]:
    """Return the landed columns a field is read from, and its text over them once they are cleaned (as `cleaned`)."""
    rule = feed.fields.get(code) or _own_column(feed, code.lower())
    return sorted(rule.reads()) if rule else [], _derivation(rule, "")


def _own_column(feed: Feed, name: str) -> Derivation | None:
    return Derivation(source=name) if name in feed.landing_columns else None


def _derivation(rule: Derivation | None, part: str) -> sa.ColumnElement[str]:
    """Return the text of a derived field, or one sealed part of it."""
    if rule is None:
        return sa.cast(sa.null(), _part_type(part))
    value = _value(rule, part)
    conditions = [_any_filled(rule.when_filled)] if rule.when_filled else []
    conditions += [_named(name, "cleaned").is_(None) for name in rule.when_blank]
    return sa.case((sa.and_(*conditions), value)) if conditions else value


def _part_type(part: str) -> sa.types.TypeEngine[str]:
    return sa.LargeBinary() if part in ("_sealed", "_hash") else sa.Text()  # type: ignore[return-value]


def _value(rule: Derivation, part: str) -> sa.ColumnElement[str]:
    if rule.source:
        return _from_source(rule, _named(rule.source + part, "cleaned"))
    if rule.constant is not None:
        return sa.literal(rule.constant)
    if rule.first_of:
        return sa.func.coalesce(*[_named(name, "cleaned") for name in rule.first_of])
    if rule.join:
        return sa.func.nullif(sa.func.concat_ws(rule.by, *[_named(name, "cleaned") for name in rule.join]), "")
    return _cases(rule)


def _from_source(rule: Derivation, value: Column) -> sa.ColumnElement[str]:
    """Map a landed value through the feed's codes (an unknown one stays as it is, for the rules to catch)."""
    if rule.codes:
        return sa.case(*[(_is_code(value, code), word) for code, word in rule.codes.items()], else_=value)
    if rule.divided_by:
        return sa.func.coalesce(_divided(sa.func.quality.to_amount(value), rule.divided_by), value)
    if rule.pattern:
        return sa.func.substring(value, rule.pattern)
    if rule.yuan_about:
        return _divided(sa.func.quality.yuan_told_once(rule.yuan_about, value), _YUAN_IN_WAN)
    return value


def _divided(amount: sa.ColumnElement[Any], by: int) -> sa.ColumnElement[str]:
    return sa.cast(sa.func.trim_scale(amount / sa.cast(by, sa.Numeric)), sa.Text())


def _is_code(value: Column, code: str) -> sa.ColumnElement[bool]:
    return value == code if code else value.is_(None)


def _cases(rule: Derivation) -> sa.ColumnElement[str]:
    branches = []
    for case in rule.cases:
        tests = [_any_filled(case.filled)] if case.filled else []
        tests += [
            sa.func.coalesce(_named(name, "cleaned").startswith(start), False)
            for name, starts in case.starts_with.items()
            for start in starts
        ]
        branches.append((sa.or_(*tests) if tests else sa.true(), sa.literal(case.value)))
    return sa.case(*branches)


def _any_filled(names: tuple[str, ...]) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(*[_named(name, "cleaned") for name in names]).is_not(None)


def _typed(record_type: RecordType) -> list[Staged]:
    """Read dates and amounts, keeping their text beside them for the rules."""
    staged = []
    for code, field in record_type.fields.items():
        name = code.lower()
        text = _named(name, "derived")
        if field.type in ("date", "amount"):
            reader = _to_date if field.type == "date" else _to_amount
            staged += [Staged(name, Fragment.of(reader(text))), Staged(f"{name}_text", Fragment.of(text))]
            continue
        if field.codes and (table := catalogue().codes[field.codes]).spellings():
            staged.append(Staged(name, Fragment.of(_words(table, text, record_type.decision_date))))
            continue
        parts = [f"_{part}" for part in IDENTITY_PARTS] if field.type == "identity" else []
        staged += [Staged(name + part, Fragment.of(_named(name + part, "derived"))) for part in ["", *parts]]
    return staged


def _to_date(text: Column) -> sa.ColumnElement[Any]:
    """
    Read a date; the usual spellings need no function.

    A regular expression works out its states anew for each short value, which costs more than all of these tests.
    """
    year, month, day = sa.func.left(text, 4), sa.func.substr(text, 6, 2), sa.func.right(text, 2)
    exists = sa.or_(day.in_(_DAYS[:28]), sa.and_(day.in_(_DAYS[28:]), month.in_(_LONG_MONTHS)))
    shape = sa.or_(text.like("20__-__-__"), text.like("20__/__/__"))
    is_usual = sa.and_(shape, month.in_(_DAYS[:12]), exists, sa.func.ltrim(year, _DIGITS) == "")
    return sa.case((is_usual, sa.cast(text, sa.Date())), else_=sa.func.quality.to_date(text))


def _to_amount(text: Column) -> sa.ColumnElement[Any]:
    """Read an amount; figures alone need no function."""
    is_usual = sa.and_(sa.func.octet_length(text) < 10, sa.func.ltrim(text, _DIGITS) == "", text != "")
    usual = sa.func.trim_scale(sa.cast(text, sa.Numeric()))
    return sa.case((is_usual, usual), else_=sa.func.quality.to_amount(text))


def _words(table: CodeTable, text: Column, decision_date: str | None) -> sa.ColumnElement[str]:
    """
    Bring a value to the words of its table.

    Most values are such words already, and asking built-in functions so costs a tenth of looking into each.
    """
    spellings = table.spellings()
    decided: sa.ColumnElement[Any] = sa.cast(sa.null(), sa.Date())
    if decision_date:
        decided = sa.func.quality.to_date(_named(decision_date.lower(), "derived"))
    cleaned = sa.func.quality.code_words(
        *(text, decided, sa.cast(sa.literal(table.separator) if table.separator else sa.null(), sa.Text())),
        *(_array([one.of[0] for one in spellings], sa.Text()), _array([one.becomes for one in spellings], sa.Text())),
        *(_array([one.since for one in spellings], sa.Date()), _array([one.until for one in spellings], sa.Date())),
    )
    is_clean = sa.or_(text.is_(None), text.in_(table.words()))
    if table.separator:
        parts = sa.func.string_to_array(text, table.separator, type_=ARRAY(sa.Text()))
        is_clean = sa.or_(is_clean, parts.contained_by(_array(list(table.words()), sa.Text())))
    return sa.case((is_clean, text), else_=cleaned)


def _array(values: list[Any], kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    texts = ["NULL" if value is None else f'"{value}"' for value in values]
    return sa.cast(sa.literal("{" + ",".join(texts) + "}"), ARRAY(kind))


def _content(record_type: RecordType) -> sa.ColumnElement[str]:
    """
    Write the content that is hashed: `CODE:type=value` per filled field, separated.

    Blank fields are left out, so that a field added to a template later does not change old hashes. A date or
    amount that could not be read counts by its text, behind a question mark.
    """
    parts = [_content_part(code, field.type) for code, field in record_type.fields.items()]
    return sa.func.concat_ws(_SEPARATOR, *parts)


def _content_part(code: str, kind: str) -> sa.ColumnElement[str]:
    value = _named(code.lower())
    if kind == "identity":
        return sa.literal(f"{code}:i=") + sa.func.encode(_named(f"{code.lower()}_hash"), "hex")
    if kind == "text":
        return sa.literal(f"{code}:t=") + value
    shape = sa.func.to_char(value, "YYYYMMDD") if kind == "date" else sa.cast(value, sa.Text())
    return sa.literal(f"{code}:{kind[0]}=") + sa.func.coalesce(shape, sa.literal("?") + _named(f"{code.lower()}_text"))
