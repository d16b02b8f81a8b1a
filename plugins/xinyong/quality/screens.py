"""
Cheap tests before dear ones: what must be true of a row if a rule is to fail on it.

Dozens of rules look for signs that hardly any row holds. A screen asks all texts of a row for any of them at once, and
only a row that holds one is judged rule by rule. A screen never decides; it may let too much through and never too
little. Anchors are therefore left out of its pattern: what matches inside a value matches inside all values together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

if TYPE_CHECKING:
    from xinyong.quality.rules import Rule

Condition = sa.ColumnElement[bool]
_LENGTHS = "expect_column_value_lengths_to_be_between"
# What `quality.holds_personal_number` itself asks first.
_PERSONAL = "[0-9０-９][ 　0-9０-９-]{5,}[0-9０-９]"
_BETWEEN = "|"  # no sign that any of the patterns looks for


class Judgeable(Protocol):
    """A rule with the condition under which a row fails it."""

    @property
    def rule(self) -> Rule: ...
    @property
    def fails(self) -> Condition | None: ...


def codes_of(compiled: Iterable[Judgeable], joined: Any) -> list[sa.ColumnElement[str]]:
    """Return what yields the codes of the rules that a row breaks: one part per rule, or per group behind a screen."""
    parts: list[sa.ColumnElement[str]] = []
    groups: dict[str, list[tuple[Judgeable, str]]] = {}
    for one in compiled:
        screen = _screen(one.rule)
        if screen is None:
            parts.append(_code(one))
        else:
            groups.setdefault(screen[0], []).append((one, screen[1]))
    for members in groups.values():
        pattern = "|".join(dict.fromkeys(pattern for _, pattern in members))
        columns = dict.fromkeys(one.rule.kwargs["column"] for one, _ in members)
        text = sa.func.concat_ws(_BETWEEN, *[sa.column(name, sa.Text()) for name in columns])
        parts.append(
            sa.case((text.regexp_match(pattern), sa.func.nullif(joined([_code(one) for one, _ in members]), "")))
        )
    return parts


def _code(one: Judgeable) -> sa.ColumnElement[str]:
    fails: Any = one.fails
    maximum = one.rule.kwargs.get("max_value")
    if one.rule.type == _LENGTHS and isinstance(maximum, int) and not one.rule.kwargs.get("min_value"):
        # A text has at least as many bytes as characters, and PostgreSQL knows the bytes without counting.
        fails = sa.and_(sa.func.octet_length(sa.column(one.rule.kwargs["column"], sa.Text())) > maximum, fails)
    return sa.case((fails, sa.literal(one.rule.code)))


def _screen(rule: Rule) -> tuple[str, str] | None:
    """Return the group whose screen a rule shares, and the pattern without which it cannot fail."""
    if rule.kwargs.get("row_condition"):
        return None
    if rule.type == "expect_column_values_to_not_match_regex":
        return "signs", f"({rule.kwargs['regex'].removeprefix('^').removesuffix('$')})"
    if rule.type == "expect_column_values_to_not_match_like_pattern":
        words = rule.kwargs["like_pattern"].strip("%")
        return None if re.search(r"[%_\\]", words) else ("signs", re.escape(words))
    if rule.type == "expect_column_values_to_hold_no_personal_numbers":
        return "numbers", _PERSONAL
    return None
