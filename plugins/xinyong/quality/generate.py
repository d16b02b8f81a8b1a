"""
Rules that follow from the catalogue, with their sentences and examples; nothing here is written twice.

A rule's number is that of the department's rule list (R01 blank, R02 length, R03/R20/R21 code tables, R04/R05 by kind
of party, R12 pairs, R13 documents, R14 readable, R22 to R24 by kind of penalty, R25 amounts, R31 signs, R33 personal
numbers, R35 placeholders; `parties` has those of party, authority, key and dates). Where several fields of a record
type fall under one number, the field is part of the code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from xinyong.catalogue import Catalogue
from xinyong.catalogue.codes import CodeTable, CodeValue
from xinyong.catalogue.records import Field, RecordType
from xinyong.quality.parties import against_warehouse, of_party
from xinyong.quality.rules import Example, Rule, Severity
from xinyong.quality.signs import of_signs
from xinyong.sealing import TOKEN

NULL = "expect_column_values_to_be_null"
NOT_NULL = "expect_column_values_to_not_be_null"
# Which rule speaks about a code table; tables of documents belong to the rule on documents.
_TABLE_RULES = {"party_kind": "R03", "licence_kind": "R20", "penalty_kind": "R21", "document_kind": "R13"}
# Which rule speaks about a field that a word in another field makes necessary; a fine must be more than nothing.
_WORD_RULES = {"罚款": "R22", "没收": "R23", "暂扣": "R24", "吊销": "R24"}
_PARTY_RULES = {"法人及非法人组织": "R04", "个体工商户": "R04", "自然人": "R05"}
# Where numbers belong, only a mobile or landline number as it is usually written can be told from the others.
_CONTACT = "(^|[^0-9])((86)?1[3-9][0-9]{9}|0[0-9]{2,3}([ -]|[)）][ -]?)[0-9]{7,8})($|[^0-9])"
_NUMBERED = re.compile("号|代码|编码")
_UNSUITABLE = "[[:cntrl:]]|<[A-Za-z/!]"
_OPENING, _CLOSING = "（(〔【《[", "）)〕】》]"
# More is hardly ever imposed; what is larger was mostly written in 元.
_SOFT_MAXIMUM = {"万元": 10000}
# A text of one short phrase that points elsewhere or says nothing; stars may hide a part of any text.
_PLACEHOLDER = "^([*＊xX×.。…—-]+|[详参]?见.{0,12}(决定书|附件|原件|文书|卷宗).{0,4}|略|同上|测试|待补充?)[。；;]?$"
_PHRASE = 24


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

    @property
    def grave_where_public(self) -> Severity:
        """The severity of what must not go public, and is only reported where nothing does."""
        return "critical" if self.record_type.disclosure == "public" else "warning"

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
        for maker in _MAKERS if field.internal else (*_MAKERS, *_OF_WHAT_IS_TOLD):
            rules += maker(column)
        if field.codes:
            rules.append(_listed(column, catalogue.codes[field.codes]))
    rules += [*of_party(catalogue, record_type), *against_warehouse(record_type)]
    return _coded(record_type, rules)


def _coded(record_type: RecordType, rules: list[Rule]) -> list[Rule]:
    """Give each rule its code; numbers that fall on one field only stay short."""
    number_counts = Counter(rule.code for rule in rules)
    coded = []
    for rule in rules:
        number, _, mark = rule.code.partition("+")
        field = f"-{rule.field}" if number_counts[rule.code] > 1 else ""
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
    choice = "；".join(f"“{word}”" for word in words)  # a word may hold 、 itself
    says = f"{column.title}不是规定的取值：{choice}"
    if table.other_prefix:
        says += f"，或“{table.other_prefix}”加说明"
    if table.separator:
        says += f"；多项用“{table.separator}”分隔"
    kwargs: dict[str, Any] = {"column": column.name, "codes": [_value(one) for one in table.values]}
    if table.separator:
        kwargs["separator"] = table.separator
    if table.other_prefix:
        kwargs["other_prefix"] = table.other_prefix
    examples = ({column.name: words[0]}, {column.name: f"{words[0]}之外"})
    dated, decided = [one for one in table.values if one.since], column.record_type.decision_date
    if dated and dated[0].since and decided:
        kwargs["date_column"] = decided.lower()
        before = str(dated[0].since - timedelta(days=1))
        examples = (examples[0], {column.name: dated[0].value, decided.lower(): before})
        says += "；有施行日期的取值不得用于施行前的决定"
    number = _TABLE_RULES.get(table.name, "R03")
    expectation = ("expect_column_values_to_be_in_code_table", kwargs)
    return column.rule(number, says, expectation, examples, dimension="normativity")


def _value(one: CodeValue) -> dict[str, str]:
    """Write a value of a code table with the days between which it is valid."""
    days = {"since": one.since, "until": one.until}
    return {"value": one.value} | {name: day.isoformat() for name, day in days.items() if day}


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
    unit = f"不是数字，应以{column.field.unit}为单位填写"
    expected = "不是有效日期，应写作YYYY/MM/DD" if column.field.type == "date" else unit
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
    if column.code in _spoken(column.record_type):
        pairs = ("expect_condition_to_hold", _of_one(column.name, _paired(column)))
        examples = ({column.name: "示例（福建)"}, {column.name: "示例（福建"})
        says = f"{column.title}的括号不成对"
        yield column.rule("R31+PAIRS", says, pairs, examples, column.grave_where_public, "normativity")


def _of_one(name: str, holds: str) -> dict[str, Any]:
    """Return the arguments of a condition on one column, which can be decided wherever it is filled."""
    return {"column_list": [name, "row_number"], "holds": holds, "known_when": f"{name} IS NOT NULL"}


def _paired(column: _Column) -> str:
    """Compare the counts of opening and closing brackets; names hold few, which is found at a third of the cost."""
    without = f"length(translate({column.name}, '{{}}', ''))"
    holds = f"{without.format(_OPENING)} = {without.format(_CLOSING)}"
    is_number = column.code == column.record_type.document
    return holds if is_number else f"{column.name} !~ '[]{_OPENING}{_CLOSING.replace(']', '')}]' OR {holds}"


def _spoken(record_type: RecordType) -> set[str]:
    """Return the short fields that hold words and not numbers or codes: names and documents."""
    names = {record_type.party.name, record_type.document}
    return names | ({record_type.authority.name} if record_type.authority else set())


def _sealed(column: _Column) -> Iterator[Rule]:
    """Find the token that replaced an identity number where none belongs; such a text must not go public."""
    if column.field.type != "text":
        return
    kwargs = {"column": column.name, "like_pattern": f"%{TOKEN}%"}
    examples = ({column.name: "当事人"}, {column.name: f"当事人{TOKEN}1a2b3c›"})
    says = f"{column.title}中含有身份证件号码，公开前应删除"
    expectation = ("expect_column_values_to_not_match_like_pattern", kwargs)
    yield column.rule("R33", says, expectation, examples, dimension="accuracy")


def _personal(column: _Column) -> Iterator[Rule]:
    """Find telephone and card numbers."""
    if column.field.type != "text" or column.field.codes:
        return
    expectation: tuple[str, dict[str, Any]] = ("expect_column_values_to_not_match_regex", {"column": column.name})
    if _NUMBERED.search(column.title) and not column.field.long_text:
        expectation[1]["regex"] = _CONTACT
    else:
        expectation = ("expect_column_values_to_hold_no_personal_numbers", {"column": column.name})
    examples = ({column.name: "涉及设备12台"}, {column.name: "联系电话13859812345"})
    says = f"{column.title}中含有电话号码、银行卡号或证件号码，公开前应删除"
    yield column.rule("R33+CONTACT", says, expectation, examples, column.grave_where_public, "accuracy")


def _placeholder(column: _Column) -> Iterator[Rule]:
    """Find prose that only points elsewhere; a long text is asked for stars alone, but those of a sealed number."""
    if not column.field.long_text or not column.field.required:
        return
    name = column.name
    written = f"regexp_replace({name}, '{TOKEN}[^›]*›', '', 'g')"
    no_stars = f"(strpos({name}, '***') = 0 OR strpos({written}, '***') = 0)"
    holds = f"{no_stars} AND (length({name}) > {_PHRASE} OR {name} !~ '{_PLACEHOLDER}')"
    expectation = ("expect_condition_to_hold", _of_one(name, holds))
    examples = ({name: "未按规定报送能源利用状况报告"}, {name: "详见行政处罚决定书"})
    says = f"{column.title}只写了“详见决定书”“***”等占位内容"
    yield column.rule("R35", says, expectation, examples, severity="warning")


def _amount(column: _Column) -> Iterator[Rule]:
    """Hold amounts to what their column can carry, and to what is likely."""
    if column.field.type != "amount":
        return
    name, unit = column.name, column.field.unit
    fits = _of_one(name, f"{name} >= 0 AND scale(trim_scale({name})) <= 6") | {"column_list": [name, column.written]}
    examples = ({name: 0.123456, column.written: "0.123456"}, {name: 0.1234567, column.written: "0.1234567"})
    says = f"{column.title}不能为负数，小数不能超过6位"
    yield column.rule("R25", says, ("expect_condition_to_hold", fits), examples, dimension="accuracy")
    maximum = _SOFT_MAXIMUM.get(unit)
    if maximum:
        most = ("expect_column_values_to_be_between", {"column": name, "max_value": maximum})
        beyond = maximum + 0.5  # less than one beyond, so that a bound that is off by one is noticed
        examples = ({name: maximum, column.written: str(maximum)}, {name: beyond, column.written: str(beyond)})
        says = f"{column.title}超过{maximum}，请核对单位是否为{unit}"
        yield column.rule("R25+MAX", says, most, examples, severity="warning", dimension="accuracy")


_MAKERS = (_required, _length, _party, _pair, _document, _readable, _necessary, _amount)
_OF_WHAT_IS_TOLD = (_signs, of_signs, _sealed, _personal, _placeholder)
