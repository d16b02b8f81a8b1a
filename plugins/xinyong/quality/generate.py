"""
Rules that follow from the catalogue, with their sentences and examples; nothing here is written twice.

A rule's number is that of the department's rule list (R01 blank, R02 length, R03/R20/R21 code tables, R04/R05 by kind
of party, R12 pairs, R13 documents, R14 readable, R22 to R24 by kind of penalty, R31 signs, R33 identity numbers).
Where several fields of a record type fall under one number, the field is part of the code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import CodeTable
from xinyong.catalogue.records import Field, RecordType
from xinyong.quality.rules import Example, Rule, Severity
from xinyong.sealing import TOKEN

NULL = "expect_column_values_to_be_null"
NOT_NULL = "expect_column_values_to_not_be_null"
# Which rule speaks about a code table; tables of documents belong to the rule on documents.
_TABLE_RULES = {"party_kind": "R03", "licence_kind": "R20", "penalty_kind": "R21", "document_kind": "R13"}
# Which rule speaks about a field that a word in another field makes necessary; a fine must be more than nothing.
_WORD_RULES = {"罚款": "R22", "没收": "R23", "暂扣": "R24", "吊销": "R24"}
_PARTY_RULES = {"法人及非法人组织": "R04", "个体工商户": "R04", "自然人": "R05"}
_UNSUITABLE = "[[:cntrl:]]|<[A-Za-z/!]"


@dataclass(frozen=True, slots=True)
class _Column:
    """One field of a record type on its way to rules."""

    record_type: RecordType
    code: str
    field: Field

    @property
    def name(self) -> str:
        return self.code.lower()

    @property
    def written(self) -> str:
        """The staged column that is filled when the source wrote anything, readable or not."""
        return f"{self.name}_text" if self.field.type in ("date", "amount") else self.name

    @property
    def title(self) -> str:
        return self.field.title

    def rule(
        self,
        number: str,
        says: str,
        expectation: tuple[str, dict[str, Any]],
        examples: tuple[Example, Example],
        severity: Severity = "critical",
        dimension: str = "completeness",
    ) -> Rule:
        return Rule(
            code=number,
            record_type=self.record_type.name,
            severity=severity,
            dimension=dimension,
            says=says,
            basis=self.record_type.basis,
            field=self.code,
            type=expectation[0],
            kwargs=expectation[1],
            passes=examples[0],
            fails=examples[1],
        )


def generated(catalogue: Catalogue, record_type: RecordType) -> list[Rule]:
    """Return every rule that the catalogue implies for a record type."""
    rules: list[Rule] = []
    for code, field in record_type.fields.items():
        column = _Column(record_type, code, field)
        for maker in (_required, _length, _party, _pair, _document, _readable, _necessary, _signs, _sealed):
            rules += maker(column)
        if field.codes:
            rules.append(_listed(column, catalogue.codes[field.codes]))
    return _coded(record_type, rules)


def _coded(record_type: RecordType, rules: list[Rule]) -> list[Rule]:
    """Give each rule its code; numbers that fall on one field only stay short."""
    number_counts = Counter(rule.code.split("+")[0] for rule in rules)
    coded = []
    for rule in rules:
        number, _, mark = rule.code.partition("+")
        field = f"-{rule.field}" if number_counts[number] > 1 else ""
        coded.append(rule.coded(f"{record_type.prefix}-{number}{field}{'-' if mark else ''}{mark}"))
    return coded


def _required(column: _Column) -> Iterator[Rule]:
    if column.field.required:
        examples = ({column.written: _sample(column)}, {column.written: None})
        yield column.rule("R01", f"{column.title}未填写", (NOT_NULL, {"column": column.written}), examples)


def _sample(column: _Column) -> str:
    return {"date": "2026/11/20", "amount": "0.2"}.get(column.field.type, "示例")


def _length(column: _Column) -> Iterator[Rule]:
    length = column.field.length
    if length:
        expectation = (
            "expect_column_value_lengths_to_be_between",
            {"column": column.name, "max_value": length},
        )
        examples = ({column.name: "字" * length}, {column.name: "字" * (length + 1)})
        yield column.rule("R02", f"{column.title}超过{length}个字符", expectation, examples, dimension="normativity")


def _listed(column: _Column, table: CodeTable) -> Rule:
    """Write the rule of a code table: one of its words, or several joined, or free text behind the prefix."""
    words = table.words()
    choice = "、".join(f"“{word}”" for word in words)
    says = f"{column.title}不是规定的取值：{choice}"
    if table.other_prefix:
        says += f"，或“{table.other_prefix}”加说明"
    if table.separator:
        says += f"；多项用“{table.separator}”分隔"
    expectation: tuple[str, dict[str, Any]]
    expectation = ("expect_column_values_to_be_in_set", {"column": column.name, "value_set": list(words)})
    if table.separator or table.other_prefix:
        expectation = ("expect_column_values_to_match_regex", {"column": column.name, "regex": _pattern(table)})
    examples = ({column.name: words[0]}, {column.name: f"{words[0]}之外"})
    return column.rule(_TABLE_RULES.get(table.name, "R03"), says, expectation, examples, dimension="normativity")


def _pattern(table: CodeTable) -> str:
    """Write a table as a regular expression; a separator left at the end is common and harmless."""
    words = [re.escape(word) for word in table.words()]
    separator = re.escape(table.separator or "")
    if table.other_prefix:
        words.append(re.escape(table.other_prefix) + (f"[^{separator}]+" if separator else ".+"))
    one = f"({'|'.join(words)})"
    return f"^{one}({separator}{one})*{separator}?$" if separator else f"^{one}$"


def _party(column: _Column) -> Iterator[Rule]:
    """Write what the kind of party makes necessary or forbids, one rule per rule number."""
    kind = column.record_type.party.kind
    if kind is None:
        return
    for number in ("R04", "R05"):
        required = [one for one in column.field.required_for if _PARTY_RULES[one] == number]
        blank = [one for one in column.field.blank_for if _PARTY_RULES[one] == number]
        if required:
            yield _by_kind(column, number, kind.lower(), required, NOT_NULL)
        if blank:
            yield _by_kind(column, number, kind.lower(), blank, NULL)


def _by_kind(column: _Column, number: str, kind: str, kinds: Sequence[str], expectation: str) -> Rule:
    filled, empty = {kind: kinds[0], column.written: _sample(column)}, {kind: kinds[0], column.written: None}
    examples = (filled, empty) if expectation == NOT_NULL else (empty, filled)
    says = "未填写" if expectation == NOT_NULL else "应为空"
    of_kind = {"type": "comparison", "column": {"name": kind}, "operator": "IN", "parameter": list(kinds)}
    kwargs = {"column": column.written, "row_condition": of_kind, "condition_parser": "great_expectations"}
    return column.rule(number, f"相对人为{'或'.join(kinds)}时，{column.title}{says}", (expectation, kwargs), examples)


def _pair(column: _Column) -> Iterator[Rule]:
    """Write one rule for two fields that point to each other, at the later of them."""
    other = column.field.paired_with
    order = list(column.record_type.fields)
    if other is None or order.index(other) > order.index(column.code):
        return
    names = [other.lower(), column.name]
    says = f"{column.record_type.fields[other].title}与{column.title}应同时填写或同时为空"
    examples = (dict.fromkeys(names, "示例"), {names[0]: "示例", names[1]: None})
    yield column.rule("R12", says, ("expect_columns_to_be_filled_together", {"column_list": names}), examples)


def _document(column: _Column) -> Iterator[Rule]:
    """Judge identity numbers by the verdict that stands beside the sealed number."""
    if column.field.type != "identity":
        return
    name = f"{column.name}_verdict"
    says = f"{column.title}不符合居民身份证号码规则（位数、地区、出生日期或校验码有误）"
    strict = ("expect_verdicts_to_be_valid", {"column": name, "of": "residents"})
    examples = ({name: "resident_id:valid"}, {name: "resident_id:checksum"})
    yield column.rule("R13", says, strict, examples, dimension="normativity")
    others = ("expect_verdicts_to_be_valid", {"column": name, "of": "others"})
    examples = ({name: "passport:valid"}, {name: "passport:format"})
    says = f"{column.title}与所填证件类型的编号规则不符"
    yield column.rule("R13+OTHER", says, others, examples, severity="warning", dimension="normativity")


def _readable(column: _Column) -> Iterator[Rule]:
    if column.field.type not in ("date", "amount"):
        return
    read: tuple[Any, str] = ("2026-11-20", "2026/11/20") if column.field.type == "date" else (0.2, "0.2")
    wrong = "2026/13/45" if column.field.type == "date" else "两千元"
    expected = "不是有效日期，应写作YYYY/MM/DD" if column.field.type == "date" else "不是数字，应以万元为单位填写"
    is_written = {"type": "nullity", "column": {"name": column.written}, "is_null": False}
    kwargs = {"column": column.name, "row_condition": is_written, "condition_parser": "great_expectations"}
    examples = ({column.name: read[0], column.written: read[1]}, {column.name: None, column.written: wrong})
    yield column.rule("R14", f"{column.title}{expected}", (NOT_NULL, kwargs), examples, dimension="normativity")


def _necessary(column: _Column) -> Iterator[Rule]:
    """Write what a word in another field makes necessary."""
    condition = column.field.required_when
    if condition is None:
        return
    number = _WORD_RULES.get(condition.words[0], "R04")
    is_positive = number == "R22"
    source = condition.field.lower()
    columns = [source, column.written, *([column.name] if column.field.type == "amount" else [])]
    words = "或".join(f"“{word}”" for word in condition.words)
    blank = "未填写或为0" if is_positive else "未填写"
    says = f"{column.record_type.fields[condition.field].title}包含{words}，但{column.title}{blank}"
    kwargs = {"column_list": columns, "words": list(condition.words), "positive": is_positive}
    filled = {column.name: 0.2 if column.field.type == "amount" else "示例", column.written: _sample(column)}
    examples = ({source: condition.words[0]} | filled, {source: condition.words[0]} | dict.fromkeys(filled))
    yield column.rule(number, says, ("expect_column_to_be_filled_when_contains", kwargs), examples)


def _signs(column: _Column) -> Iterator[Rule]:
    if column.field.type != "text" or column.field.long_text:
        return
    expectation = ("expect_column_values_to_not_match_regex", {"column": column.name, "regex": _UNSUITABLE})
    examples = ({column.name: "示例（1）"}, {column.name: "示例\n一"})
    says = f"{column.title}含有换行、制表符等控制字符或网页标记"
    yield column.rule("R31", says, expectation, examples, dimension="normativity")


def _sealed(column: _Column) -> Iterator[Rule]:
    """Find the token that replaced an identity number where none belongs; such a text must not go public."""
    if column.field.type != "text":
        return
    kwargs = {"column": column.name, "like_pattern": f"%{TOKEN}%"}
    examples = ({column.name: "当事人"}, {column.name: f"当事人{TOKEN}1a2b3c›"})
    says = f"{column.title}中含有身份证件号码，公开前应删除"
    expectation = ("expect_column_values_to_not_match_like_pattern", kwargs)
    yield column.rule("R33", says, expectation, examples, dimension="accuracy")
