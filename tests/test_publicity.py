"""How long a record is shown follows from what it is and when it was decided, by calendar months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, day, rows, take_in

from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.tables import follow_catalogue

pytestmark = pytest.mark.usefixtures("environment")

# kinds of penalty, decision date, end of publicity on the document → class, repair from, first day not shown
PENALTIES = [
    ("警告", "2026-11-20", None, ("轻微", date(2026, 11, 20), date(2026, 11, 20))),
    ("罚款", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("警告;罚款", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("罚款;吊销许可证件", "2026-11-20", None, ("严重", date(2027, 11, 20), date(2029, 11, 20))),
    ("警告;其他-约谈", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("其他-约谈", "2026-11-20", None, ("一般", date(2027, 2, 20), date(2027, 11, 20))),
    ("罚款", "2024-02-29", None, ("一般", date(2024, 5, 29), date(2025, 2, 28))),
    ("罚款", "2025-11-30", None, ("一般", date(2026, 2, 28), date(2026, 11, 30))),
    ("罚款", "2026-11-20", "2027-03-01", ("一般", date(2027, 2, 20), date(2027, 3, 1))),
    ("罚款", "2026-11-20", "2030-01-01", ("一般", date(2027, 2, 20), date(2027, 11, 20))),
]
JUDGED = "SELECT severity, repair_from, hidden_from FROM warehouse.penalty_current"


def test_the_gravest_kind_decides_and_an_earlier_end_on_the_document_prevails():
    delivered = [
        a_penalty(at, cf_cflb=kinds, cf_jdrq=decided, cf_gsjzq=end)
        for at, (kinds, decided, end, _) in enumerate(PENALTIES, start=1)
    ]
    take_in("enforcement_penalty", day(1), delivered)
    found = rows(f"{JUDGED} ORDER BY length(cf_wsh), cf_wsh")
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


def judged_on(when, number=1):
    """Return class, repair date and first day not shown, by the rules in force on a date."""
    with connected() as connection:
        run(connection, "publication/set_logical_date", logical_date=when.isoformat())
        query = sa.text(f"{JUDGED} WHERE cf_wsh LIKE :number")
        return tuple(connection.execute(query, {"number": f"%〕{number}号"}).one())


def test_the_rule_set_in_force_on_the_date_decides_and_not_the_one_of_the_decision():
    fine, warning = a_penalty(1, cf_jdrq="2022-06-30"), a_penalty(2, cf_cflb="警告", cf_jdrq="2022-06-30")
    take_in("enforcement_penalty", day(1), [fine, warning])
    assert judged_on(date(2018, 1, 1)) == ("一般", date(2022, 9, 30), date(2023, 6, 30)), "the oldest set known"
    assert judged_on(date(2023, 4, 30)) == ("一般", date(2022, 9, 30), date(2023, 6, 30))
    assert judged_on(date(2023, 5, 1)) == ("其他", date(2022, 9, 30), date(2025, 6, 30))
    assert judged_on(date(2026, 3, 31)) == ("其他", date(2022, 9, 30), date(2025, 6, 30))
    assert judged_on(date(2026, 4, 1)) == ("一般", date(2022, 9, 30), date(2023, 6, 30))
    assert judged_on(date(2022, 12, 1), 2)[2] == date(2023, 6, 30)
    assert judged_on(date(2023, 5, 1), 2)[2] == date(2022, 6, 30), "warnings are not shown from then on"


def test_order_58_asks_a_year_before_repair_where_life_and_health_are_at_stake():
    about = {"cf_jdrq": "2024-06-30", "cf_wfxw": "违反《中华人民共和国安全生产法》第四十一条"}
    basis = {"cf_jdrq": "2024-06-30", "cf_yj": "《食品安全法》第一百二十四条"}
    delivered = [
        a_penalty(1, **about),
        a_penalty(2, **basis),
        a_penalty(3, cf_jdrq="2024-06-30"),
        a_penalty(4, cf_cflb="警告;罚款", **about),
        a_penalty(5, cf_cflb="警告", **about),
    ]
    take_in("enforcement_penalty", day(1), delivered)
    grave = ("重点领域", date(2025, 6, 30), date(2027, 6, 30))
    assert [judged_on(date(2025, 1, 1), number) for number in (1, 2, 4)] == [grave] * 3
    assert judged_on(date(2025, 1, 1), 3) == ("其他", date(2024, 9, 30), date(2027, 6, 30))
    assert judged_on(date(2025, 1, 1), 5) == ("不公示", date(2024, 6, 30), date(2024, 6, 30))
    assert judged_on(date(2026, 4, 1), 1) == ("一般", date(2024, 9, 30), date(2025, 6, 30))


def changed_class(**changes):
    """Return the catalogue with the gravest class of Order 36 declared otherwise."""
    found = catalogue()
    order = found.severities["order_36"]
    grave = order.classes["严重"].model_copy(update=changes)
    other = order.model_copy(update={"classes": order.classes | {"严重": grave}})
    return replace(found, severities=found.severities | {"order_36": other})


def test_an_amount_may_make_a_fine_grave():
    delivered = [a_penalty(1, fine_yuan="499999.99"), a_penalty(2, fine_yuan="500000")]
    take_in("enforcement_penalty", day(1), delivered)
    with connected() as connection:
        follow_catalogue(connection, changed_class(from_amount={"罚款": Decimal(50)}))
    assert [judged_on(day(1), number)[0] for number in (1, 2)] == ["一般", "严重"]


def test_publicity_may_last_as_long_as_the_ban_itself():
    ends = {1: "2030-06-30", 2: "2099-12-31", 3: "2027-01-01", 4: None}
    delivered = [a_penalty(at, cf_cflb="限制从业", cf_yxq=end) for at, end in ends.items()]
    take_in("enforcement_penalty", day(1), delivered)
    with connected() as connection:
        follow_catalogue(connection, changed_class(extended_by="CF_YXQ"))
    found = [judged_on(day(1), number)[2] for number in ends]
    assert found == [date(2030, 7, 1), None, date(2029, 11, 20), date(2029, 11, 20)]


def test_a_template_without_a_kind_of_party_is_about_organisations_where_it_asks_for_their_code():
    definitions = dict(rows("SELECT viewname, definition FROM pg_views WHERE schemaname = 'warehouse'"))
    assert "'法人及非法人组织'::text AS party_kind" in definitions["red_list_current"]
    assert "'自然人'::text AS party_kind" in definitions["civil_servant_current"]
