"""
What a batch is asked when all feeds are stored: does the warehouse agree with it?

Each question returns one selection: the rows it is about, by their number, and whether each fails. Nothing here needs
Great Expectations; its expectations (`warehouse_expectations`) and the aggregate stage ask the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from xinyong.identifiers import PLACEHOLDER

STAGED = sa.table("staged")  # what a statement of sql/quality calls the rows of the batch that is judged

Rows = sa.Select[Any]
_BATCH = sa.table("batch", sa.column("batch_id"), sa.column("feed"), schema="landing")
_IDENTIFIER = sa.table("identifier", *map(sa.column, ("kind", "value", "subject_id")), schema="warehouse")
_SUBJECT = sa.table("subject_current", sa.column("record_id"), sa.column("sub_mc"), schema="warehouse")
_VERSION = (
    *("record_id", "batch_id", "row_number", "feed", "source_at", "known_at", "valid_from", "valid_to"),
    *("content_hash", "ending"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that a question is about (`row_number`, each once) and whether they fail it (`fails`)."""

    judged: Rows

    @property
    def failing(self) -> Rows:
        """Return the numbers of the rows that fail."""
        found = self.judged.subquery("answered")
        return sa.select(found.c.row_number).where(found.c.fails)


def staged_columns(table: Any, *names: str) -> sa.Subquery:
    """Offer the named columns of a staged selection, with the batch and the row they belong to."""
    wanted = dict.fromkeys(("batch_id", "row_number", *names))
    return sa.select(*[sa.column(name) for name in wanted]).select_from(table).subquery("judged")


def agrees_across_feeds(table: Any, key: str, content: str, history: str) -> Answer:
    """Ask whether another feed holds the same record with another content; what is staged together is of one feed."""
    rows, any_row = staged_columns(table, key, content), staged_columns(table).alias("any_row")
    own = sa.select(_BATCH.c.feed).join(any_row, any_row.c.batch_id == _BATCH.c.batch_id).limit(1).scalar_subquery()
    version = _history(history, "version")
    is_same = sa.and_(version.c.record_id == rows.c[key], version.c.valid_to.is_(None), version.c.ending.is_(None))
    differs = sa.func.bool_or(version.c.content_hash != rows.c[content]).label("fails")
    about = sa.select(rows.c.row_number, differs).select_from(rows.join(version, is_same))
    return Answer(about.where(version.c.feed != own).group_by(rows.c.row_number))


def is_newer(table: Any, history: str) -> Answer:
    """
    Ask whether the versions that a batch brought are newer than those before them.

    One whose source dates it before what was known already is not, nor is one that follows the end of its record.
    """
    rows = staged_columns(table, "record_id")
    version, before = _history(history, "version"), _history(history, "before")
    # A version is sought among the rows, not joined with them: of a join on columns that say the same, the planner
    # expects a single row, and would look the earlier versions of all rows up one by one.
    origin = ("record_id", "batch_id", "row_number")
    brought = sa.tuple_(*[version.c[name] for name in origin]).in_(sa.select(*[rows.c[name] for name in origin]))
    earlier = sa.and_(
        before.c.record_id == version.c.record_id,
        before.c.feed == version.c.feed,
        before.c.known_at < version.c.known_at,
    )
    is_older = sa.and_(before.c.source_at > version.c.source_at, before.c.ending.is_(None))
    comes_back = sa.and_(before.c.ending.is_not(None), before.c.valid_to == version.c.valid_from)
    is_not = sa.func.bool_or(sa.func.coalesce(sa.or_(is_older, comes_back), sa.false())).label("fails")
    about = sa.select(version.c.row_number, is_not).select_from(version.join(before, earlier))
    return Answer(about.where(brought).group_by(version.c.row_number))


def is_registered(table: Any, numbers: dict[str, str], name: str, *, by_name: bool) -> Answer:
    """
    Ask whether the registration base knows a record's party by one of its numbers, and then by its name.

    While the base is empty nobody can be unknown to it, so that the question is about no row. It is a base of
    enterprises: bodies whose code another register gave (it does not begin with 9) are not sought in it.
    """
    rows = staged_columns(table, *numbers.values(), name)
    found: list[sa.ColumnElement[Any]] = []
    joined: sa.FromClause = rows
    for kind, column in numbers.items():
        known = _IDENTIFIER.alias(f"by_{kind}")
        value = sa.func.replace(rows.c[column], "-", "") if kind == "organisation_code" else rows.c[column]
        joined = joined.outerjoin(known, sa.and_(known.c.kind == kind, known.c.value == value))
        found.append(known.c.subject_id)
    subject = sa.func.coalesce(*found) if len(found) > 1 else found[0]
    has_number = sa.or_(*[rows.c[column].is_not(None) for column in numbers.values()])
    code = rows.c[numbers["uscc"]]
    is_enterprise = sa.or_(code.is_(None), code == PLACEHOLDER, code.startswith("9"))
    has_base = sa.exists(sa.select(1).select_from(_IDENTIFIER))
    if not by_name:
        about = sa.select(rows.c.row_number, subject.is_(None).label("fails")).select_from(joined)
        return Answer(about.where(has_number, is_enterprise, has_base))
    key = sa.func.quality.key_part
    # Most names are spelt alike, so that the cheap comparison decides; a name that is missing fails nothing.
    differs = sa.and_(rows.c[name] != _SUBJECT.c.sub_mc, key(rows.c[name]) != key(_SUBJECT.c.sub_mc))
    fails = sa.func.coalesce(differs, sa.false()).label("fails")
    return Answer(
        sa.select(rows.c.row_number, fails).select_from(joined.join(_SUBJECT, _SUBJECT.c.record_id == subject))
    )


def _history(history: str, alias: str) -> Any:
    schema, _, name = history.partition(".")
    return sa.table(name, *map(sa.column, _VERSION), schema=schema).alias(alias)


# By the type of the expectation that asks it.
QUESTIONS: dict[str, Callable[..., Answer]] = {
    "expect_key_to_agree_across_feeds": agrees_across_feeds,
    "expect_updates_to_be_newer": is_newer,
    "expect_subjects_to_be_registered": partial(is_registered, by_name=False),
    "expect_names_to_be_registered": partial(is_registered, by_name=True),
}
