"""Feeds: a record type as one business system delivers it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Default
from pydantic import model_validator

from xinyong.catalogue.words import Code, Declaration, Name, Title


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
    page_size: int = 200
    timeout_seconds: float = 10


class ExcelSource(Declaration):
    """A workbook in a folder; `pattern` carries the business date as `{date}` (YYYYMMDD)."""

    kind: Literal["excel"]
    connection: Name
    pattern: str
    sheet: str
    header_row: int = 1
    data_row: int = 2


class CsvSource(Declaration):
    """A text file in a folder; the first of `encodings` that reads it whole is taken."""

    kind: Literal["csv"]
    connection: Name
    pattern: str
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    delimiter: str = ","


Source = Annotated[DatabaseSource | RestSource | ExcelSource | CsvSource, Default(discriminator="kind")]


class Case(Declaration):
    """One branch: taken when any column of `filled` is filled, or one of `starts_with` begins so; else always."""

    value: str
    filled: tuple[Name, ...] = ()
    starts_with: dict[Name, tuple[str, ...]] = {}


class Derivation(Declaration):
    """
    How a field arises when no source column carries it under its own code.

    Exactly one of: `source` (a landed column; through `codes` where given; divided by `divided_by` for
    元 → 万元), `constant`, `first_of`, `join` (non-blank parts, joined `by`), `cases` (the first that holds).
    It stays blank unless any column of `when_filled` is filled and all of `when_blank` are blank.
    """

    source: Name | None = None
    constant: str | None = None
    first_of: tuple[Name, ...] = ()
    join: tuple[Name, ...] = ()
    by: str = ";"
    cases: tuple[Case, ...] = ()
    codes: dict[str, str] = {}
    divided_by: int | None = None
    when_filled: tuple[Name, ...] = ()
    when_blank: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Derivation:
        kinds = [bool(self.source), self.constant is not None, bool(self.first_of), bool(self.join), bool(self.cases)]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of source, constant, first_of, join, cases")
        return self

    def reads(self) -> set[str]:
        """Return the landed columns it needs."""
        in_cases = {name for case in self.cases for name in (*case.filled, *case.starts_with)}
        named = {*self.when_filled, *self.when_blank, *self.first_of, *self.join, *in_cases}
        return named | ({self.source} if self.source else set())


class Bounds(Declaration):
    """How many rows a batch may have; breaking it refuses the batch. Each bound says why it is what it is."""

    min_rows: int
    max_rows: int
    max_shrink_percent: float
    max_quarantined_percent: float
    max_deletions_percent: float
    reason: str


class Feed(Declaration):
    """
    One record type from one business system.

    `identity` names landed columns, beside those of identity fields, that carry identity numbers, with the kind
    of document (证件类型) the numbers belong to.
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
    deletion: Literal["revoked", "retracted_as_wrong", "superseded"]
    bounds: Bounds
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
        needed = {name for derivation in self.fields.values() for name in derivation.reads()}
        needed |= {*self.identity, *(name for name in (self.source_id, self.source_at) if name)}
        if missing := sorted(needed - set(landed)):
            raise ValueError(f"{', '.join(missing)}: not landed by any entry of columns")
        if unknown := sorted(set(self.optional) - set(self.columns)):
            raise ValueError(f"optional: {', '.join(unknown)} is not a source column")
        return self

    @property
    def landing_columns(self) -> list[str]:
        """Return the landed columns in declared order."""
        return list(self.columns.values())
