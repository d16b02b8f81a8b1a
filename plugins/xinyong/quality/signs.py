"""
Rules on signs that deceive the eye: lost digits, characters nobody sees, and letters of another alphabet in codes.

All fall under R31, which speaks of signs. Each has its own sentence, because each is repaired in another way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xinyong.quality.rules import Rule, Severity

if TYPE_CHECKING:
    from xinyong.quality.generate import _Column

_NOT_MATCH = "expect_column_values_to_not_match_regex"
_LOST_DIGITS = "^[0-9]([.][0-9]+)?[Ee][+][0-9]+$"
# Soft hyphen, zero-width signs, direction marks and overrides, invisible operators, byte-order mark.
_UNSEEN = "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
_OTHER_ALPHABET = "[\u0370-\u03ff\u0400-\u052f]"
_CODE_SIGNS = "号码编代证"  # what the title of a field holds that carries a code or number


def of_signs(column: _Column) -> Iterator[Rule]:
    """Return the rules on deceiving signs for a text field."""
    if column.field.type != "text":
        return
    is_long = column.field.long_text
    says = f"{column.title}含有不可见字符（零宽字符或文字方向控制符），请删除后重新输入"
    examples = ({column.name: "示例"}, {column.name: "示\u200b例"})
    severity: Severity = "warning" if is_long else "critical"
    kwargs = {"column": column.name, "regex": _UNSEEN}
    yield column.rule("R31+UNSEEN", says, (_NOT_MATCH, kwargs), examples, severity, "normativity")
    if is_long or column.field.codes or not set(column.title) & set(_CODE_SIGNS):
        return
    says = f"{column.title}被表格软件转成了数字（科学计数法），末尾数字已丢失；请把该列设为文本后重新填写"
    examples = ({column.name: "示例1号"}, {column.name: "9.13504E+17"})
    kwargs = {"column": column.name, "regex": _LOST_DIGITS}
    yield column.rule("R31+DIGITS", says, (_NOT_MATCH, kwargs), examples, "critical", "normativity")
    says = f"{column.title}含有形近的希腊或西里尔字母（看似A、B、C等），请改用英文字母重新输入"
    examples = ({column.name: "示例A1"}, {column.name: "示例\u04101"})
    kwargs = {"column": column.name, "regex": _OTHER_ALPHABET}
    yield column.rule("R31+ALPHABET", says, (_NOT_MATCH, kwargs), examples, "critical", "normativity")
