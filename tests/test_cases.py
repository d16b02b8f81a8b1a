"""A case closes only when every platform that showed the record has confirmed; until then it stands in the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from io import StringIO

import pytest
from deliveries import a_penalty, day, rows
from rich.console import Console
from telling import answered, key_of, known_subject, published, published_night, taken_in, told
from test_acts import document, recorded

from xinyong import stages
from xinyong.cases import UnknownCase, attention, confirm
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import PlatformUnavailable
from xinyong.explain import explain

pytestmark = pytest.mark.usefixtures("environment")

ALL = ("city", "national", "portal")


@dataclass
class Place:
    """A platform that only has a listing."""

    shown: dict[str, str] | None = None
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def listing(self, record_type):
        self.asked.append(record_type)
        if self.down:
            raise PlatformUnavailable("no answer")
        return self.shown


def shown_everywhere(*numbers, **changes):
    known_subject()
    taken_in(day(1), [a_penalty(number, **changes) for number in numbers])
    for platform in ALL:
        told(platform, day(1))
        answered(platform)


def followed(platform, when, place=None):
    """Let a platform take what it is told and confirm it; return the acts it has confirmed."""
    told(platform, when)
    answered(platform)
    with connected() as connection:
        return confirm(connection, catalogue(), platform, place or Place(), when)


def case(act_id=1):
    return stages.case(act_id)[0]


def test_a_case_waits_for_a_platform_that_refused_to_withdraw_a_former_key():
    shown_everywhere(1)
    taken_in(day(2), [a_penalty(1, cf_jdrq="2026-11-18")])
    told("city", day(2))
    answered("city", "rejected", "no_match", only=key_of(1))
    answered("city")
    recorded("annulment", on=3)
    told("city", day(3))
    answered("city", "rejected", "no_match", only=key_of(1))
    assert followed("city", day(3)) == []
    assert published("city") == [key_of(1)]
    assert followed("city", day(4)) == [1]
    assert published("city") == []


def test_a_case_waits_for_every_platform_that_showed_the_record():
    shown_everywhere(1, 2)
    recorded("annulment", on=2)
    assert (case().platforms, case().waiting_for) == (list(ALL), list(ALL))
    assert followed("city", day(2)) == [1]
    assert followed("city", day(2)) == [], "once is enough"
    assert followed("portal", day(3), Place({key_of(2): "…"})) == [1]
    assert (case().waiting_for, case().closed_on) == (["national"], None)
    assert followed("national", day(4)) == [1]
    assert (case().waiting_for, case().closed_on, stages.cases()) == ([], day(4), [])
    proofs = [(one.platform, one.confirmed_on, one.proof, one.reason) for one in stages.case(1)[1]]
    assert proofs == [
        ("city", day(2), "receipt", "revoked"),
        ("national", day(4), "receipt", "revoked"),
        ("portal", day(3), "receipt_and_listing", "revoked"),
    ]


def test_before_its_platform_was_compared_anew_an_act_is_not_confirmed():
    shown_everywhere(1)
    recorded("correction", on=1, known=1)
    with connected() as connection:
        assert confirm(connection, catalogue(), "city", Place(), day(1)) == []


def test_a_rejected_withdrawal_keeps_the_case_open():
    shown_everywhere(1)
    recorded("annulment", on=2)
    told("city", day(2))
    answered("city", "rejected", "2")
    with connected() as connection:
        assert confirm(connection, catalogue(), "city", Place(), day(2)) == []
    assert "city" in case().waiting_for


@pytest.mark.parametrize("place", [Place({key_of(1): "…"}), Place(down=True)], ids=["still listed", "not to be asked"])
def test_a_receipt_that_the_listing_does_not_bear_out_is_not_enough(place):
    shown_everywhere(1)
    recorded("annulment", on=2)
    assert followed("city", day(2), place) == []
    assert place.asked == ["penalty"]
    assert followed("city", day(3), Place({})) == [1]


def test_no_platform_is_asked_for_its_listing_while_nothing_waits():
    shown_everywhere(1)
    place = Place()
    assert followed("city", day(2), place) == []
    assert place.asked == []


def test_an_objection_is_marked_and_answered_before_it_closes():
    shown_everywhere(1)
    recorded("objection", on=2)
    assert (case().due_on, case().answer_due_on) == (day(3), date(2026, 11, 30))
    for platform in ALL:
        assert followed(platform, day(2)) == [1], "marked where there is a mark, compared where there is none"
    assert (case().waiting_for, case().next_due, case().closed_on) == ([], date(2026, 11, 30), None)
    assert case().without_mark == ["city", "national"]
    assert [one.platform for one in stages.case(1)[1] if one.is_after] == ["portal"]
    recorded("upheld", on=4)
    assert (case().closed_on, case(2).closed_on, case(2).waiting_for) == (day(4), None, list(ALL))
    for platform in ALL:
        followed(platform, day(4))
    assert case(2).closed_on == day(4)


def test_a_dismissed_objection_closes_when_the_mark_is_gone_everywhere():
    shown_everywhere(1)
    recorded("objection", on=2)
    for platform in ALL:
        followed(platform, day(2))
    recorded("dismissed", on=3)
    told("portal", day(3))
    with connected() as connection:
        assert confirm(connection, catalogue(), "portal", Place(), day(3)) == [], "told and not answered"
    answered("portal")
    shown = dict(rows("SELECT natural_key, encode(content_hash, 'hex') FROM publication.published"))
    assert followed("portal", day(3), Place(shown)) == [2]


def test_a_correction_closes_with_another_content_taken_everywhere():
    shown_everywhere(1)
    recorded("correction", on=2)
    assert followed("city", day(2)) == [], "nothing has been corrected yet"
    taken_in(day(3), [a_penalty(1, cf_sy="更正")])
    assert [followed(platform, day(3)) for platform in ALL] == [[1], [1], [1]]
    assert case().closed_on == day(3)


def test_an_act_that_was_taken_back_waits_for_nobody():
    shown_everywhere(1)
    wrong = recorded("annulment", on=2)
    recorded("reversal", on=3, sought=str(wrong.act_id), document_number="更正1号")
    assert case().state(day(9)) == "reversed"
    assert (case().finished_on, case().reversed_on, case().closed_on) == (None, day(3), day(3))
    assert [followed(platform, day(3)) for platform in ALL] == [[2], [2], [2]]
    assert case(2).closed_on == day(3)


def test_what_is_due_or_overdue_is_told_and_what_is_not_due_is_not():
    shown_everywhere(1)
    recorded("annulment", on=2)
    assert case().due_on == date(2026, 11, 30), "Wednesday's act is due on Monday"
    words = {when: attention(stages.cases(), when) for when in (day(6), day(7), day(8))}
    assert words[day(6)] == []
    waits = f"act 1 (annulment of {document(1)}): {{}}; waits for city, national, portal"
    assert words[day(7)] == [waits.format("due on 2026-11-30")]
    assert words[day(8)] == [waits.format("overdue since 2026-11-30")]
    assert case().state(day(8)) == "overdue"


def test_the_night_itself_confirms_and_the_report_lists_what_is_open(environment, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_PORTAL", (environment / "portal").as_uri())
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    published_night("portal", day(1))
    recorded("annulment", 1, on=2)
    stages.report(day(2))
    page = (environment / "reports" / "2026-11-25" / "index.html").read_text("utf-8")
    assert "未办结事项" in page and document(1) in page and "信用信息公示门户" in page
    published_night("portal", day(2))
    (confirmed,) = stages.case(1)[1]
    assert (confirmed.platform, confirmed.proof, case().closed_on) == ("portal", "receipt_and_listing", day(2))
    ledger = stages.read_ledger(day(2))
    assert ledger.cases == () and ledger.as_dict()["cases"] == []


def test_the_trace_of_a_record_names_owner_basis_and_receipts():
    shown_everywhere(1)
    recorded("annulment", on=2, reason="认定事实有误")
    followed("city", day(2))
    said = Console(width=300, record=True, file=StringIO())
    with connected() as connection:
        said.print(explain(connection, catalogue(), document(1)))
    text = said.export_text()
    for part in (
        *(
            "act 1: 撤销 (annulment) from 2026-11-25 on",
            "by 张科长",
            "basis: 行政处罚法第四十八条",
            "reason: 认定事实有误",
        ),
        *("city confirmed on 2026-11-25: message 2", "withdraw (revoked); receipt", "waits for national, portal"),
    ):
        assert part in text, part


def test_an_unknown_number_is_answered():
    with pytest.raises(UnknownCase, match="There is no act 99"):
        stages.case(99)
