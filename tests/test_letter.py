"""The letter says what was decided, by when, and what each platform has confirmed; in Chinese, on one page."""

from __future__ import annotations

import re

import pytest
from deliveries import a_penalty, day
from telling import NAME, taken_in
from test_acts import document, recorded
from test_cases import Place, followed, shown_everywhere

from xinyong import stages
from xinyong.acts import ActError
from xinyong.catalogue import catalogue

pytestmark = pytest.mark.usefixtures("environment")

NO_MARK = "该平台无异议标注位置，公示内容不受影响"
PLATFORM = {platform.title.zh: name for name, platform in catalogue().platforms.items()}


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
    assert text.endswith("三明市工业和信息化局2026年11月26日"), "dated by the last fact in it"
    followed("national", day(4))
    text = text_of(stages.letter(1))
    assert "办结日期2026年11月27日" in text and text.endswith("2026年11月27日")


def test_a_letter_is_dated_for_the_day_it_is_printed_but_never_before_what_it_tells():
    shown_everywhere(1)
    recorded("annulment", on=2)
    followed("city", day(3))
    assert text_of(stages.letter(1, day(5))).endswith("2026年11月28日")
    with pytest.raises(ActError, match="cannot be dated 2026-11-25. Found: it tells of 2026-11-26"):
        stages.letter(1, day(2))


def became(act_id):
    """Return what the letter of an act says of each platform: what it did, and the receipt."""
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td.*?>.*?</td><td>(.*?)</td></tr>", stages.letter(act_id))
    return {PLATFORM[title]: (what, receipt) for title, what, receipt in rows}


def test_what_an_act_does_not_touch_is_said_to_be_untouched():
    shown_everywhere(1, 2)
    recorded("objection", on=2)
    assert became(1)["city"] == (NO_MARK, "待平台确认")
    for platform in PLATFORM.values():
        followed(platform, day(2))
    marked = ("已标注异议", "第2号报文第1条")
    assert became(1) == {"city": (NO_MARK, "无须报送"), "national": (NO_MARK, "无须报送"), "portal": marked}
    recorded("dismissed", on=3)
    recorded("disclosure", 2, on=3, disclosure="government_only")
    for platform in PLATFORM.values():
        followed(platform, day(3))
    lifted = ("已撤除异议标注", "第4号报文第1条")
    assert became(2) == {"city": (NO_MARK, "无须报送"), "national": (NO_MARK, "无须报送"), "portal": lifted}
    closed = ("已停止公示", "第3号报文第1条")
    assert became(3)["portal"] == closed
    assert became(3)["city"] == ("该平台公示内容不受影响（经核对）", "无须报送")
    recorded("retraction", 2, on=4)
    for platform in PLATFORM.values():
        followed(platform, day(4))
    assert became(4)["city"] == ("已停止公示", "第4号报文第1条")
    assert became(4)["portal"] == ("此前已停止公示（经核对）", "无须报送")


def test_an_objection_that_is_upheld_before_any_platform_was_told_ends_in_what_became_of_the_record():
    shown_everywhere(1)
    recorded("objection", on=2)
    recorded("upheld", on=2)
    followed("city", day(2))
    assert became(1)["city"] == became(2)["city"] == ("已停止公示", "第2号报文第1条")


def test_the_letter_of_an_act_that_was_taken_back_says_so_and_keeps_its_times():
    shown_everywhere(1)
    recorded("annulment", on=2)
    for platform in PLATFORM.values():
        followed(platform, day(2))
    recorded("reversal", on=4, sought="1", document_number="更正1号")
    text = text_of(stages.letter(1))
    assert "本事项已于2026年11月27日撤销登记（第2号事项，更正1号），本告知书不再有效" in text
    assert "办结日期2026年11月25日撤销登记日期2026年11月27日" in text
    followed("portal", day(4))
    assert became(2)["portal"] == ("已恢复公示", "第3号报文第1条")
    assert "撤销登记（第" not in text_of(stages.letter(2))


def test_an_act_that_was_taken_back_before_its_end_asks_nothing_more_of_anybody():
    shown_everywhere(1)
    recorded("annulment", on=2)
    recorded("reversal", on=3, sought="1", document_number="更正1号")
    assert became(1)["city"] == ("已撤销登记，不再办理", "—")
    assert "办结日期未办结撤销登记日期2026年11月26日" in text_of(stages.letter(1))


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
