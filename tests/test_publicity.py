"""How long a record is shown follows from what it is and when it was decided, by calendar months."""

from __future__ import annotations

from datetime import date

import pytest
from deliveries import a_licence, a_penalty, day, rows, take_in

pytestmark = pytest.mark.usefixtures("environment")

# kinds of penalty, decision date, end of publicity on the document → class, repair from, first day not shown
PENALTIES = [
    ("警告", "2026-11-20", None, ("轻微", date(2026, 11, 20), date(2026, 11, 20))),
    ("罚款", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("警告;罚款", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("罚款;吊销许可证件", "2026-11-20", None, ("严重", date(2027, 11, 20), date(2029, 11, 20))),
    ("其他-约谈", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("罚款", "2024-02-29", None, ("一般", date(2024, 5, 29), date(2025, 2, 28))),
    ("罚款", "2025-11-30", None, ("一般", date(2026, 2, 28), date(2026, 11, 30))),
    ("罚款", "2026-11-20", "2027-03-01", ("一般", date(2027, 2, 20), date(2027, 3, 1))),
    ("罚款", "2026-11-20", "2030-01-01", ("一般", date(2027, 2, 20), date(2027, 11, 20))),
]


def test_the_gravest_kind_decides_and_an_earlier_end_on_the_document_prevails():
    delivered = [
        a_penalty(at, cf_cflb=kinds, cf_jdrq=decided, cf_gsjzq=end)
        for at, (kinds, decided, end, _) in enumerate(PENALTIES, start=1)
    ]
    take_in("enforcement_penalty", day(1), delivered)
    found = rows("SELECT severity, repair_from, hidden_from FROM warehouse.penalty_current ORDER BY cf_wsh")
    assert found == [expected for *_, expected in PENALTIES]


def test_a_licence_is_shown_to_its_last_day_and_for_ever_when_it_is_long_term():
    ends = {1: "2027-06-30", 2: "2099-12-31"}
    take_in("approvals_licence", day(1), [a_licence(at, xk_yxqzi=end) for at, end in ends.items()])
    found = rows("SELECT severity, hidden_from FROM warehouse.licence_current ORDER BY xk_wsh")
    assert found == [(None, date(2027, 7, 1)), (None, None)]


def test_of_two_feeds_that_claim_a_record_the_one_with_precedence_prevails_and_the_other_stands_in():
    take_in("safety_penalty", day(1), [a_penalty(1, cf_sy="安全"), a_penalty(2, cf_sy="安全")])
    take_in("enforcement_penalty", day(1), [a_penalty(1, cf_sy="执法")])
    shown = "SELECT cf_wsh, cf_sy, section FROM warehouse.penalty_current ORDER BY cf_wsh"
    first, second = "闽明工信罚〔2026〕1号", "闽明工信罚〔2026〕2号"
    assert rows(shown) == [(first, "执法", "enforcement"), (second, "安全", "safety")]
