"""What a person types is kept for good: a personal number or a text without end is refused wherever texts are typed."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day, rows, take_in

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import CatalogueError, XinyongError
from xinyong.findings import Finding, FindingError
from xinyong.findings import record as record_findings
from xinyong.free_text import LONGEST, check
from xinyong.quarantine import DecisionError
from xinyong.rhythm import declare_nil

pytestmark = pytest.mark.usefixtures("environment")

RESIDENT = "11010519491231002X"
TELEPHONE = "13805981234"
NUMBERS = [
    pytest.param(f"我的身份证号{RESIDENT}电话{TELEPHONE}", id="a complaint as it is written"),
    pytest.param(f"电话{TELEPHONE}", id="telephone"),
    pytest.param("１１０１０５１９４９１２３１００２Ｘ", id="full width"),
    pytest.param("110105 19491231 002X", id="parted"),
    pytest.param("卡号6222 0212 3456 7890 128", id="card"),
]
SOUND = ["当事人称处罚对象有误", "行政处罚法第四十八条", "闽明工信撤〔2026〕1号", "91350402MA2XXXXX0U", None, ""]


def checked(**texts):
    with connected() as connection:
        check(connection, f"objection of {RESIDENT}", texts, XinyongError)


@pytest.mark.parametrize("text", NUMBERS)
def test_a_personal_number_is_refused_by_the_name_of_its_text_and_not_repeated(text):
    with pytest.raises(XinyongError, match="reason: what looks like an identity, telephone or bank card") as refused:
        checked(person="林信用", reason=text)
    said = str(refused.value) + str(refused.value.zh)
    assert RESIDENT not in said and TELEPHONE not in said and text not in said


def test_a_text_without_end_is_refused_and_others_pass():
    with pytest.raises(XinyongError, match=rf"Found: basis of {LONGEST + 1} signs. Expected: up to {LONGEST}"):
        checked(basis="长" * (LONGEST + 1), reason="长" * LONGEST)
    checked(**{f"text{at}": text for at, text in enumerate(SOUND)}, reason="长" * LONGEST)


def test_every_place_where_texts_are_typed_asks():
    take_in("enforcement_penalty", day(1), [a_penalty(7, cf_sy=None)])
    words = f"电话{TELEPHONE}"
    with pytest.raises(DecisionError, match="reason: what looks like"):
        stages.decide("waived", "闽明工信罚〔2026〕7号", "林科长", words, day(1))
    finding = Finding("penalty", "enforcement", "闽明工信罚〔2026〕77号", day(1), "第三方评估", "林", note=words)
    with connected() as connection:
        with pytest.raises(FindingError, match="note: what looks like"):
            record_findings(connection, catalogue(), [finding], "city", day(1))
        with pytest.raises(CatalogueError, match="reason: what looks like"):
            declare_nil(connection, catalogue(), "safety_penalty", day(1), "林", words, day(1))
    for form in ({"person": "林", "reason": words}, {"person": words, "reason": "错"}):
        asked = {"kind": "re-judge", "feed": "enforcement_penalty", "since": "2026-11-24", **form}
        with pytest.raises(XinyongError, match="correction: .*: what looks like"):
            stages.plan_correction(asked, day(1))
    assert rows("SELECT count(*) FROM operation.correction") == [(0,)]
