"""Questions about the past keep their answer: what was true, what we believed, what a platform showed."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import (
    a_licence,
    a_penalty,
    connected,
    day,
    rows,
    take_in,
)
from test_warehouse import lenient

from xinyong import history
from xinyong.catalogue import catalogue
from xinyong.history import Moment

FEED = "enforcement_penalty"
DROP = "safety_penalty"
TODAY = date(2026, 12, 31)

pytestmark = pytest.mark.usefixtures("environment")


def on(number):
    """Return a day of November 2026."""
    return date(2026, 11, number)


def ask(number, true_on, known_on=None, record_type="penalty"):
    """Return standing, facts, beginning and ending of the penalty of this number."""
    code, prefix = ("xk_nr", "许") if record_type == "licence" else ("cf_sy", "闽明工信罚〔2026〕")
    document = f"{prefix}{number}" + ("" if record_type == "licence" else "号")
    with connected() as connection:
        ((found, record_id),) = history.records_called(connection, catalogue(), document)
        row = history.standing(connection, catalogue(), found, record_id, Moment(true_on, known_on))
    return row["standing"], row.get(code), row["true_from"], row.get("ending")


def test_the_first_content_is_true_from_the_decision_and_a_change_from_the_date_that_showed_it():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    take_in(FEED, day(3), [a_penalty(1, cf_sy="乙")])
    assert ask(1, on(19)) == ("not_yet", None, on(20), None)
    assert ask(1, on(20)) == ("true", "甲", on(20), None)
    assert ask(1, on(25)) == ("true", "甲", on(20), None)
    assert ask(1, on(26)) == ("true", "乙", on(26), None)


def test_what_we_believed_is_not_changed_by_what_we_learnt_later():
    take_in(FEED, day(3), [a_penalty(1, cf_sy="乙")])
    assert ask(1, on(26), on(26)) == ("true", "乙", on(20), None)
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    assert ask(1, on(24), on(24)) == ("true", "甲", on(20), None), "a late batch is knowledge of its own date"
    assert ask(1, on(26), on(25)) == ("true", "甲", on(20), None)
    assert ask(1, on(26), on(26)) == ("true", "乙", on(26), None)
    assert ask(1, on(26), on(23))[0] == "unknown"


def test_a_source_that_says_when_a_record_changed_is_believed_about_days_before_it_was_read():
    take_in("approvals_licence", day(1), [a_licence(1, "2026-11-20T09:00:00+08:00", xk_nr="甲")])
    take_in("approvals_licence", day(5), [a_licence(1, "2026-11-26T09:00:00+08:00", xk_nr="乙")])
    assert ask(1, on(27), on(27), "licence")[1] == "甲", "the night of the 27th did not know it yet"
    assert ask(1, on(27), None, "licence") == ("true", "乙", on(26), None)
    assert ask(1, on(25), None, "licence")[1] == "甲"


def test_no_longer_true_was_true_and_retracted_as_wrong_never_was():
    for feed, deletion in ((FEED, "revoked"), (DROP, "retracted_as_wrong")):
        declared = lenient(feed, deletion=deletion, deletion_basis="行政处罚法第七十五条")
        numbers = (1, 2) if feed == FEED else (3, 4)
        take_in(feed, day(1), [a_penalty(at, cf_sy="甲") for at in numbers], declared)
        take_in(feed, day(2), [a_penalty(numbers[0], cf_sy="甲")], declared)
    assert ask(2, on(24)) == ("true", "甲", on(20), None)
    assert ask(2, on(25)) == ("ended", "甲", on(25), "revoked")
    assert ask(4, on(24), on(24)) == ("true", "甲", on(20), None), "believed on that night"
    assert ask(4, on(24))[0] == "retracted"
    assert ask(4, on(25))[0] == "retracted"
    ending = "SELECT ending, ending_basis, ending_person FROM warehouse.penalty WHERE ending IS NOT NULL ORDER BY 1"
    assert rows(ending) == [
        ("retracted_as_wrong", "行政处罚法第七十五条", None),
        ("revoked", "行政处罚法第七十五条", None),
    ]


def test_the_preferred_feed_prevails_while_it_claims_the_record_and_the_other_stands_in_when_it_has_ended_it():
    preferred = lenient(FEED)
    take_in(DROP, day(1), [a_penalty(1, cf_sy="安全"), a_penalty(2, cf_sy="安全")])
    take_in(FEED, day(2), [a_penalty(1, cf_sy="执法"), a_penalty(9)])
    take_in(FEED, day(3), [a_penalty(9)], preferred)
    shown = "SELECT cf_sy FROM warehouse.penalty_current WHERE cf_wsh LIKE '%〕1号'"
    assert rows(shown) == [("安全",)]
    assert ask(1, on(25), on(24)) == ("true", "安全", on(20), None)
    assert ask(1, on(25))[1] == "执法"
    assert ask(1, on(26)) == ("true", "安全", on(20), None)


def test_as_of_today_is_what_the_warehouse_holds_now():
    lax = lenient(FEED)
    take_in(FEED, day(1), [a_penalty(at) for at in (1, 2, 3)], lax)
    take_in(DROP, day(1), [a_penalty(at, cf_sy="安全") for at in (2, 3, 4)])
    take_in(FEED, day(2), [a_penalty(1, cf_sy="更正"), a_penalty(2)], lax)
    with connected() as connection:
        at = Moment(TODAY)
        found = list(history.believed(connection, catalogue(), catalogue().records["penalty"], at, only_true=True))
    now = rows("SELECT record_id::text, feed, cf_sy FROM warehouse.penalty_current ORDER BY record_id")
    assert [(row["record_id"], row["feed"], row["cf_sy"]) for row in found] == now
    assert len(now) == 4


def test_a_record_told_under_another_key_is_true_once_on_every_day():
    take_in(FEED, day(1), [a_penalty(at) for at in range(1, 7)])
    take_in(FEED, day(3), [a_penalty(1, cf_wsh="闽明工信罚〔2026〕77号"), *[a_penalty(at) for at in range(2, 7)]])
    assert ask(1, on(25)) == ("true", a_penalty(1)["cf_sy"], on(20), None)
    assert ask(77, on(25))[0] == "not_yet"
    assert ask(1, on(26))[3] == "superseded"
    assert ask(77, on(26))[:1] == ("true",)
    with connected() as connection:
        ((record_type, record_id),) = history.records_called(connection, catalogue(), "闽明工信罚〔2026〕77号")
        known = [history.links(connection, record_type, record_id, Moment(on(26), on(at))) for at in (25, 26)]
    assert [len(links) for links in known] == [0, 1]
