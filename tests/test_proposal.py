"""What a wrong value was probably meant to be; where it cannot be known, nothing is proposed."""

from __future__ import annotations

import pytest

from xinyong import proposal
from xinyong.catalogue import catalogue

CYRILLIC_A = "\u0410"


def value(found):
    return found.value if found else None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("91350402MA2XYKT641", "91350402MA2XYKT640"),
        ("91350402MA2XYKT64", "91350402MA2XYKT640"),
        (" 91350402ma2xykt640", "91350402MA2XYKT640"),
        ("９１３５０４０２ＭＡ２ＸＹＫＴ６４０", "91350402MA2XYKT640"),
        ("9135O402MA2XYKT64O", "91350402MA2XYKT640"),
        (f"91350402M{CYRILLIC_A}2XYKT640", "91350402MA2XYKT640"),
        ("91350402\u200bMA2XYKT640", "91350402MA2XYKT640"),
        ("9.1350402E+17", None),
        ("企业", None),
    ],
)
def test_a_unified_code(written, meant):
    assert value(proposal.unified_code(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [("MA2XYKT64", "MA2XYKT64"), ("MA2XYKT6-4", "MA2XYKT64"), ("91350402MA2XYKT640", "MA2XYKT64"), ("无", None)],
)
def test_an_organisation_code(written, meant):
    assert value(proposal.organisation_code(written)) == meant


def test_a_registration_number_gets_its_check_digit():
    from xinyong.identifiers import is_registration_number

    assert is_registration_number(proposal.registration_number("350402100000018").value)
    assert is_registration_number(proposal.registration_number("35040210000001").value)
    assert proposal.registration_number("3504") is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20/11/2026", "2026/11/20"),
        ("11/20/2026", "2026/11/20"),
        ("2026/20/11", "2026/11/20"),
        ("20262011", "2026/11/20"),
        ("2026-11-20 13:45:00", "2026/11/20"),
        ("２０２６年１１月２０号", "2026/11/20"),
        ("46346", "2026/11/20"),
        ("05/06/2026", None),
        ("2026/02/30", None),
        ("去年", None),
        ("12345", None),
    ],
)
def test_a_date(written, meant):
    assert value(proposal.swapped_date(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20000", "2"),
        ("2,000元", "0.2"),
        ("罚款人民币壹万元整", "1"),
        ("二十三万五千元", "23.5"),
        ("3.5万元", "3.5"),
        (".15元", "0.000015"),
        ("两千", None),
        ("0.2", None),
        ("1" * 30, None),
    ],
)
def test_an_amount(written, meant):
    assert value(proposal.amount(written)) == meant


def test_an_amount_that_the_unit_check_doubts_is_divided():
    assert value(proposal.amount("2000", is_yuan=True)) == "0.2"


@pytest.mark.parametrize(
    ("table", "written", "meant"),
    [
        ("penalty_kind", "罚 款", "罚款"),
        ("penalty_kind", "其他-警告", "警告"),
        ("penalty_kind", "警告，罚款；", "警告;罚款"),
        ("penalty_kind", "没收违法所得和非法财物", "没收违法所得、没收非法财物"),
        ("penalty_kind", "训诫", None),
        ("party_kind", "法人和非法人组织", "法人及非法人组织"),
        ("party_kind", "个体户", "个体工商户"),
        ("document_kind", "护照", "护照号"),
    ],
)
def test_a_word_of_a_code_table(table, written, meant):
    assert value(proposal.code_word(catalogue().codes[table], written)) == meant


def derived(code, written, row=None, rule=""):
    found = catalogue()
    return value(proposal.derive(found, found.records["penalty"], code, written, row or {}, rule))


def test_the_field_decides_what_is_tried():
    assert derived("CF_XDR_SHXYM", "91350402MA2XYKT641") == "91350402MA2XYKT640"
    assert derived("CF_JDRQ", "20/11/2026") == "2026/11/20"
    assert derived("CF_NR_FK", "2000", rule="PEN-R26") == "0.2"
    assert derived("CF_WSH", "闽明\u202e工信罚\n1号") == "闽明工信罚 1号"
    assert derived("CF_XDR_LB", "自然人") is None


def test_a_missing_amount_is_read_from_the_text_that_names_it():
    assert derived("CF_NR_FK", None, {"CF_NR": "给予警告，并处罚款2000元"}) == "0.2"
    assert derived("CF_NR_FK", None, {"CF_NR": "给予警告"}) is None
    assert derived("CF_SY", None) is None


def test_an_identity_number_is_never_proposed():
    assert derived("CF_XDR_ZJHM", "350402********1234") is None
