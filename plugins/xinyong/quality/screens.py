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
_PERSONAL = "[^|、-》一-龥，：；]{8}"
_BETWEEN = "|"  # no sign that any of the patterns looks for


class Judgeable(Protocol):
    """A rule with the condition under which a row fails it."""

    @property
    def rule(self) -> Rule: ...
    @property
    def fails(self) -> Condition | None: ...


def codes_of(compiled: Iterable[Judgeable], joined: Any) -> list[sa.ColumnElement[str]]:
    """
    Return what yields the codes of the rules that a row breaks: one part for each group behind a common question.

    Most rows break no rule. Asking whether any of them fails is cheaper than putting together which, so that only a
    row for which the answer is yes is asked again, rule by rule.
    """
    plain: list[Judgeable] = []
    groups: dict[str, list[tuple[Judgeable, str]]] = {}
    for one in compiled:
        screen = _screen(one.rule)
        if screen is None:
            plain.append(one)
        else:
            groups.setdefault(screen[0], []).append((one, screen[1]))
    parts = [_behind(sa.or_(*map(_fails, plain)), plain, joined)] if plain else []
    for members in groups.values():
        pattern = "|".join(dict.fromkeys(pattern for _, pattern in members))
        columns = dict.fromkeys(one.rule.kwargs["column"] for one, _ in members)
        text = sa.func.concat_ws(_BETWEEN, *[sa.column(name, sa.Text()) for name in columns])
        parts.append(_behind(text.regexp_match(pattern), [one for one, _ in members], joined))
    return parts


def _behind(screen: Condition, members: Iterable[Judgeable], joined: Any) -> sa.ColumnElement[str]:
    codes = [sa.case((_fails(one), sa.literal(one.rule.code))) for one in members]
    return sa.case((screen, sa.func.nullif(joined(codes), "")))


def _fails(one: Judgeable) -> Condition:
    fails: Any = one.fails
    maximum = one.rule.kwargs.get("max_value")
    if one.rule.type == _LENGTHS and isinstance(maximum, int) and not one.rule.kwargs.get("min_value"):
        # A text has at least as many bytes as characters, and PostgreSQL knows the bytes without counting.
        fails = sa.and_(sa.func.octet_length(sa.column(one.rule.kwargs["column"], sa.Text())) > maximum, fails)
    return sa.type_coerce(fails, sa.Boolean())


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
