"""
Rules that follow from what a record type says about its party, its authority, its key and its dates.

R06 to R11 numbers of the party, R15 the date of the decision, R27 the key, R29 the authority. R27 (beside other feeds),
R30 (the registration base) and R34 (an update is newer) ask the warehouse: they are judged when all feeds are stored,
so that it does not matter which of them came first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xinyong.catalogue import Catalogue
from xinyong.catalogue.records import RecordType
from xinyong.identifiers import PLACEHOLDER
from xinyong.quality.rules import Example, Rule, Severity

IDENTIFIERS = "expect_column_values_to_be_identifiers"
CONDITION = "expect_condition_to_hold"
_SOLE_TRADER = "个体工商户"
_CODE_SAYS = "不符合编码规则（18位，末位为校验码）"
_TAX_NUMBER = "^([A-Z0-9]{15}|[A-Z0-9]{17}|[A-Z0-9]{18}|[A-Z0-9]{20})$"
_CODE, _TRADER_CODE, _ORGANISATION_CODE = "91350402MA2XYKT640", "92350403MA31ABCD00", "MA2XYKT64"
_EXAMPLE_ID = "00000000-0000-0000-0000-000000000001"  # the tests keep a record under it, see tests/staged.py


def of_party(catalogue: Catalogue, record_type: RecordType) -> Iterator[Rule]:
    """Return every rule that party, authority, key and decision date imply."""
    yield from _numbers(record_type)
    yield from _inner_code(record_type)
    yield from _kind_of_code(record_type)
    yield from _decided(record_type)
    yield from _authority(catalogue, record_type)
    yield from _key(record_type)


def against_warehouse(record_type: RecordType) -> Iterator[Rule]:
    """Return the rules that ask the warehouse; an update may break them, the first record of its kind never does."""
    history = f"warehouse.{record_type.name}"
    keyed = {"key": "record_id", "content": "content_hash", "history": history}
    broken, kept = {"record_id": _EXAMPLE_ID}, {record_type.document.lower(): "〔2026〕1号"}
    examples = (kept, broken)
    says = "其他来源已报送同一记录，但内容不同"
    agrees = ("expect_key_to_agree_across_feeds", keyed)
    yield _rule(record_type, "R27+FEEDS", record_type.document, says, agrees, examples)
    says = "本次更新的来源时间早于已有版本，或已撤销的记录重新出现"
    newer = ("expect_updates_to_be_newer", {"history": history})
    yield _rule(record_type, "R34", record_type.document, says, newer, examples)
    yield from _registered(record_type)


def _rule(
    record_type: RecordType,
    number: str,
    field: str | None,
    says: str,
    expectation: tuple[str, dict[str, Any]],
    examples: tuple[Example, Example],
    severity: Severity = "warning",
    dimension: str = "consistency",
    basis: str = "",
) -> Rule:
    return Rule(
        code=number,
        record_type=record_type.name,
        severity=severity,
        dimension=dimension,
        says=says,
        basis=basis or record_type.basis,
        field=field,
        type=expectation[0],
        kwargs=expectation[1],
        passes=examples[0],
        fails=examples[1],
    )


def _numbers(record_type: RecordType) -> Iterator[Rule]:
    """Write R06, R08, R09 and R11; only the unified code decides, old numbers carry errors of old registers."""
    party = record_type.party
    if party.uscc:
        name = party.uscc.lower()
        kwargs = {"column": name, "kind": "uscc"} | _but_placeholder(record_type)
        examples = ({name: _CODE}, {name: "91350402MA2XYKT641"})
        says = f"{record_type.fields[party.uscc].title}{_CODE_SAYS}"
        expectation = (IDENTIFIERS, kwargs)
        yield _rule(
            record_type, "R06", party.uscc, says, expectation, examples, "critical", "normativity", "GB 32100-2015"
        )
    for number, field, kind, words, basis, right, wrong in (
        ("R08", party.registration_number, "registration_number", "15位含校验位，或13位旧号", "GS 15-2006",
         "350400100000003", "350400100000004"),
        ("R09", party.organisation_code, "organisation_code", "8位本体代码加1位校验码", "GB 11714-1997",
         "D2143569-X", "D21435690"),
    ):  # fmt: skip
        if field:
            says = f"{record_type.fields[field].title}不符合编码规则（{words}）"
            expectation = (IDENTIFIERS, {"column": field.lower(), "kind": kind})
            examples = ({field.lower(): right}, {field.lower(): wrong})
            yield _rule(record_type, number, field, says, expectation, examples, "warning", "normativity", basis)
    if party.tax_number:
        name = party.tax_number.lower()
        says = f"{record_type.fields[party.tax_number].title}应为15、17、18或20位大写字母和数字"
        expectation = ("expect_column_values_to_match_regex", {"column": name, "regex": _TAX_NUMBER})
        examples = ({name: "350402123456789"}, {name: "35040212345678"})
        yield _rule(record_type, "R11", party.tax_number, says, expectation, examples, "warning", "normativity")


def _but_placeholder(record_type: RecordType) -> dict[str, Any]:
    """Admit 17 zeros and an X for a household business without a unified code, where the kind of party is told."""
    party = record_type.party
    if not party.kind or not party.uscc:
        return {}
    not_placeholder = _comparison(party.uscc, "!=", PLACEHOLDER)
    other_party = _comparison(party.kind, "!=", _SOLE_TRADER)
    condition = {"type": "or", "conditions": [not_placeholder, other_party]}
    return {"row_condition": condition, "condition_parser": "great_expectations"}


def _comparison(field: str, operator: str, value: str) -> dict[str, Any]:
    return {"type": "comparison", "column": {"name": field.lower()}, "operator": operator, "parameter": value}


def _inner_code(record_type: RecordType) -> Iterator[Rule]:
    """Write R10: characters 9 to 17 of the unified code are the organisation code."""
    code, inner = record_type.party.uscc, record_type.party.organisation_code
    if not code or not inner:
        return
    name, inner_name = code.lower(), inner.lower()
    kwargs = {
        "column_list": [name, inner_name],
        "applies": f"{name} <> '{PLACEHOLDER}'",
        "holds": f"substr({name}, 9, 9) = replace({inner_name}, '-', '')",
    }
    says = f"{record_type.fields[code].title}第9至17位与{record_type.fields[inner].title}不一致"
    right = {name: _CODE, inner_name: _ORGANISATION_CODE}
    yield _rule(
        record_type, "R10", inner, says, (CONDITION, kwargs), (right, right | {inner_name: "D2143569-X"}),
        basis="GB 32100-2015",
    )  # fmt: skip


def _kind_of_code(record_type: RecordType) -> Iterator[Rule]:
    """Write R07: 92 begins the code of a household business, and of nobody else."""
    code, kind = record_type.party.uscc, record_type.party.kind
    if not code or not kind:
        return
    name, kind_name = code.lower(), kind.lower()
    kwargs = {
        "column_list": [name, kind_name],
        "applies": f"{kind_name} IN ('法人及非法人组织', '{_SOLE_TRADER}') AND {name} <> '{PLACEHOLDER}'",
        "holds": f"(left({name}, 2) = '92') = ({kind_name} = '{_SOLE_TRADER}')",
    }
    says = f"{record_type.fields[kind].title}与统一社会信用代码不符（92开头为个体工商户，其余为法人及非法人组织）"
    examples = ({kind_name: _SOLE_TRADER, name: _TRADER_CODE}, {kind_name: _SOLE_TRADER, name: _CODE})
    yield _rule(
        record_type, "R07", kind, says, (CONDITION, kwargs), examples, dimension="accuracy", basis="GB 32100-2015"
    )


def _decided(record_type: RecordType) -> Iterator[Rule]:
    """Write R15: nothing is decided after the day on which it is reported."""
    field = record_type.decision_date
    if field:
        kwargs = {"column": field.lower(), "max_value": {"$PARAMETER": "business_date"}}
        says = f"{record_type.fields[field].title}晚于报送日期"
        examples = ({field.lower(): "2026-11-24"}, {field.lower(): "2026-11-25"})
        expectation = ("expect_column_values_to_be_between", kwargs)
        yield _rule(record_type, "R15", field, says, expectation, examples, "critical", "accuracy")


def _authority(catalogue: Catalogue, record_type: RecordType) -> Iterator[Rule]:
    """Write R29: only authorities of the department's own registry; their codes are checked with the catalogue."""
    authority = record_type.authority
    if authority:
        known = catalogue.department.authorities
        name = authority.uscc.lower()
        expectation = ("expect_column_values_to_be_in_set", {"column": name, "value_set": list(known)})
        says = f"{record_type.fields[authority.uscc].title}不在本部门登记的机关名录中"
        examples = ({name: next(iter(known))}, {name: PLACEHOLDER})
        yield _rule(record_type, "R29", authority.uscc, says, expectation, examples, "critical", "accuracy")


def _key(record_type: RecordType) -> Iterator[Rule]:
    """Write R27: what stands twice under one key stands there with one content."""
    titles = "、".join(record_type.fields[code].title for code in record_type.business_key)
    says = f"{titles}相同的记录在本批次中内容不同"
    expectation = ("expect_key_to_have_one_content", {"key": "record_id", "content": "content_hash"})
    # The failing example is delivered twice, the second time with another content.
    examples = ({record_type.document.lower(): "〔2026〕1号"}, {"record_id": _EXAMPLE_ID})
    yield _rule(record_type, "R27", record_type.document, says, expectation, examples, "critical")


def _registered(record_type: RecordType) -> Iterator[Rule]:
    """Write R30 in two parts: the subject is known to the registration base, and known by this name."""
    party = record_type.party
    if not party.uscc or record_type.name == "subject":
        return
    numbers = {
        kind: field.lower()
        for kind, field in (
            ("uscc", party.uscc),
            ("registration_number", party.registration_number),
            ("organisation_code", party.organisation_code),
        )
        if field
    }
    kwargs = {"numbers": numbers, "name": party.name.lower()}
    known = {party.uscc.lower(): _CODE, party.name.lower(): "三明示例机械有限公司"}
    unknown = known | {party.uscc.lower(): "91350402MA32ABCD07"}
    says = "登记主体未关联：企业登记库中没有该统一社会信用代码或旧登记号"
    expectation = ("expect_subjects_to_be_registered", kwargs)
    yield _rule(record_type, "R30", party.uscc, says, expectation, (known, unknown), dimension="accuracy")
    says = f"{record_type.fields[party.name].title}与企业登记库中该代码的名称不一致"
    expectation = ("expect_names_to_be_registered", kwargs)
    other = known | {party.name.lower(): "三明另一名称有限公司"}
    yield _rule(record_type, "R30+NAME", party.name, says, expectation, (known, other), dimension="accuracy")
