"""The letter says what was decided, by when, and what each platform has confirmed; in Chinese, on one page."""

from __future__ import annotations

import re

import pytest
from deliveries import a_penalty, day
from telling import NAME, taken_in
from test_acts import document, recorded
from test_cases import Place, followed, shown_everywhere

from xinyong import stages

pytestmark = pytest.mark.usefixtures("environment")


def text_of(page):
    return re.sub(r"\s+", "", re.sub(r"<style>.*?</style>|<[^>]+>", "", page, flags=re.S))


def test_the_letter_names_subject_decision_basis_times_and_every_platform():
    shown_everywhere(1, 2)
    recorded("annulment", on=2, reason="认定事实有误")
    followed("city", day(2))
    followed("portal", day(3), Place({}))
    text = text_of(stages.letter(1))
    for part in (
        *("三明市工业和信息化局撤销告知书", "闽明工信撤〔2026〕1号", f"{NAME}：", document(1), "行政处罚法第四十八条"),
        *("理由：认定事实有误", "作出日期2026年11月25日", "2026年11月30日（自2026年11月25日起3个工作日）"),
        *("尚未办结", "信用三明（城市信用平台）已停止公示2026年11月25日", "并已核对平台清单", "处理中—待平台确认"),
        *("执法支队", "0598-1000001"),
    ):
        assert part in text, part
    followed("national", day(4))
    assert "办结日期2026年11月27日" in text_of(stages.letter(1))


def test_the_letter_on_an_objection_says_when_it_is_answered_and_when_repair_may_begin():
    shown_everywhere(1)
    recorded("objection", on=2)
    text = text_of(stages.letter(1))
    assert "答复期限2026年11月30日" in text
    assert "该信息自2027年2月20日起可申请信用修复" in text


def test_what_comes_from_data_is_escaped():
    taken_in(day(1), [a_penalty(1)])
    recorded("annulment", on=1, known=1, reason="<script>alert(1)</script>")
    page = stages.letter(1)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "该信息未在任何平台公示，无须处理。" in text_of(page)
    assert not re.search(r"(src|href)=", page), "the page needs nothing else"
