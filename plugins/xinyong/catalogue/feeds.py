"""Feeds: a record type as one business system delivers it."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, field_validator, model_validator
from pydantic import Field as Default

from xinyong.catalogue.words import Code, Declaration, Name, Title

# What landing itself writes beside the columns of a feed.
LANDINGS_OWN = ("batch_id", "row_number", "unknown_columns")


def _dated(pattern: str) -> str:
    if "{date}" not in pattern:
        raise ValueError("without {date} every night would read the same file")
    return pattern


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError("no such encoding") from None
    return name


DatedPattern = Annotated[str, AfterValidator(_dated)]
Encoding = Annotated[str, AfterValidator(_encoding)]
Percent = Annotated[float, Default(ge=0, le=100)]


class DatabaseSource(Declaration):
    """A query against the business system's own database."""

    kind: Literal["database"]
    connection: Name
    query: str


class RestSource(Declaration):
    """A paged REST service: `path` is read page by page, rows stand under `rows`."""

    kind: Literal["rest"]
    connection: Name
    token_path: str
    path: str
    rows: str
    total: str
    page_parameter: str = "page"
    size_parameter: str = "size"
    page_size: int = Default(200, ge=1)
    timeout_seconds: float = Default(10, gt=0)


class ExcelSource(Declaration):
    """A workbook in a folder; `pattern` carries the business date as `{date}` (YYYYMMDD)."""

    kind: Literal["excel"]
    connection: Name
    pattern: DatedPattern
    sheet: str
    header_row: int = Default(1, ge=1)
    data_row: int = 2

    @model_validator(mode="after")
    def _data_stand_under_the_headings(self) -> ExcelSource:
        if self.data_row <= self.header_row:
            raise ValueError(f"data_row {self.data_row} must stand under header_row {self.header_row}")
        return self


class CsvSource(Declaration):
    """
    A text file in a folder; the first of `encodings` that reads it whole is taken.

    UTF-8 belongs first: other Chinese text is hardly ever valid UTF-8, while GB18030 reads much UTF-8 as nonsense.
    """

    kind: Literal["csv"]
    connection: Name
    pattern: DatedPattern
    encodings: tuple[Encoding, ...] = Default(("utf-8-sig", "gb18030"), min_length=1)
    delimiter: str = Default(",", min_length=1, max_length=1)


Source = Annotated[DatabaseSource | RestSource | ExcelSource | CsvSource, Default(discriminator="kind")]


class Case(Declaration):
    """One branch: taken when any column of `filled` is filled, or one of `starts_with` begins so; else always."""

    value: str
    filled: tuple[Name, ...] = ()
    starts_with: dict[Name, tuple[str, ...]] = {}


class Derivation(Declaration):
    """
    How a field arises when no source column carries it under its own code.

    Exactly one of: `source` (a landed column), `constant`, `first_of`, `join` (non-blank parts, joined `by`), `cases`
    (the first that holds). It stays blank unless any column of `when_filled` is filled and all of `when_blank` are
    blank. Of a source may be taken, one of: what its value means in `codes` (a blank by the code ""); 元 as 万元
    (`divided_by` 10000); the text that the first group of `pattern` finds, a regular expression of PostgreSQL; or, in
    万元, the one amount of money that a text tells about the word `yuan_about` (blank where it tells none or several).
    """

    source: Name | None = None
    constant: str | None = None
    first_of: tuple[Name, ...] = ()
    join: tuple[Name, ...] = ()
    by: str = ";"
    cases: tuple[Case, ...] = ()
    codes: dict[str, str] = {}
    divided_by: int | None = None
    pattern: str | None = Default(default=None, min_length=1)
    yuan_about: str | None = Default(default=None, min_length=1)
    when_filled: tuple[Name, ...] = ()
    when_blank: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Derivation:
        kinds = [bool(self.source), self.constant is not None, bool(self.first_of), bool(self.join), bool(self.cases)]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of source, constant, first_of, join, cases")
        readings = [bool(self.codes), self.divided_by is not None, bool(self.pattern), bool(self.yuan_about)]
        if sum(readings) > bool(self.source):
            raise ValueError("codes, divided_by, pattern, yuan_about: each reads a source; give one of them beside it")
        return self

    @field_validator("pattern")
    @classmethod
    def _pattern_finds_a_group(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"{groups} groups in brackets; expected one, which says what to take")
        return pattern

    def reads(self) -> set[str]:
        """Return the landed columns it needs."""
        in_cases = {name for case in self.cases for name in (*case.filled, *case.starts_with)}
        named = {*self.when_filled, *self.when_blank, *self.first_of, *self.join, *in_cases}
        return named | ({self.source} if self.source else set())


class Bounds(Declaration):
    """How many rows a batch may have; breaking it refuses the batch. Each bound says why it is what it is."""

    min_rows: int = Default(ge=0)
    max_rows: int
    max_shrink_percent: Percent
    max_quarantined_percent: Percent
    max_deletions_percent: Percent
    reason: str

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Bounds:
        if self.max_rows < self.min_rows:
            raise ValueError(f"max_rows {self.max_rows} is less than min_rows {self.min_rows}")
        return self


class Feed(Declaration):
    """
    One record type from one business system.

    `identity` names landed columns, beside those of identity fields, that carry identity numbers, with the kind
    of document (证件类型) the numbers belong to. `deletion` says as what a record ends that a full compare shows no
    more, `deletion_basis` by which law. `ended` says by which value of a field a register that keeps such rows tells
    the same: a row that is set aside for it no longer keeps its record alive. `retention_days` says how long rows are
    kept as received; without it, for ever. A source time before `source_at_not_before` is that of a dead clock (1970,
    1900): it counts as not said.
    """

    name: Name
    title: Title
    record_type: Name
    section: Name
    source: Source
    change: Literal["full", "incremental"]
    precedence: int
    schedule: str
    source_id: Name | None = None
    source_at: Name | None = None
    source_at_not_before: date | None = None
    deletion: Literal["revoked", "retracted_as_wrong", "superseded"]
    deletion_basis: str | None = None
    ended: dict[Code, str] = {}
    bounds: Bounds
    retention_days: int | None = Default(default=None, ge=90)
    columns: dict[str, Name]
    optional: tuple[str, ...] = ()
    identity: dict[Name, str] = {}
    fields: dict[Code, Derivation] = {}

    @model_validator(mode="after")
    def _columns_are_consistent(self) -> Feed:
        landed = list(self.columns.values())
        twice = sorted({name for name in landed if landed.count(name) > 1})
        if twice:
            raise ValueError(f"columns: {', '.join(twice)} is the target of two source columns")
        if own := sorted(set(landed) & set(LANDINGS_OWN)):
            raise ValueError(f"columns: {', '.join(own)} is a column of landing itself; choose another name")
        needed = {name for derivation in self.fields.values() for name in derivation.reads()}
        needed |= {*self.identity, *(name for name in (self.source_id, self.source_at) if name)}
        if missing := sorted(needed - set(landed)):
            raise ValueError(f"{', '.join(missing)}: not landed by any entry of columns")
        if unknown := sorted(set(self.optional) - set(self.columns)):
            raise ValueError(f"optional: {', '.join(unknown)} is not a source column")
        if self.ended and self.change != "full":
            raise ValueError("ended: only a full register ends records by what it shows; expected change: full")
        return self

    @property
    def landing_columns(self) -> list[str]:
        """Return the landed columns in declared order."""
        return list(self.columns.values())
