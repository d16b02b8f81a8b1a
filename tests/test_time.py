"""Time alone (law 8): on each date exactly the due records leave, not a day late and not a day early."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from deliveries import a_licence, a_penalty, day, execute, take_in
from staged import COMPANY
from telling import NAME, answered, declared, known_subject, published, told

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.catalogue.platforms import PlatformRecord, Projection
from xinyong.database import connected
from xinyong.gate import view_name
from xinyong.reconcile import open_gate

pytestmark = pytest.mark.usefixtures("environment")

TOLD_ON = day(1)  # 2026-11-24, when everything is first shown
NEVER = date(9999, 1, 1)

# kinds, decision date, end on the document → first day not shown in general, and at the national node
PENALTIES = {
    1: ("警告", "2026-11-20", None, date(2026, 11, 20), date(2026, 11, 24)),
    2: ("通报批评", "2026-11-20", None, date(2026, 11, 20), date(2027, 2, 24)),
    3: ("罚款", "2026-11-20", None, date(2027, 11, 20), date(2029, 11, 24)),
    4: ("警告;罚款", "2025-11-30", None, date(2026, 11, 30), date(2029, 11, 24)),
    5: ("罚款", "2026-11-20", "2027-02-28", date(2027, 2, 28), date(2027, 2, 28)),
    6: ("吊销许可证件", "2024-02-29", None, date(2027, 2, 28), date(2029, 11, 24)),
    7: ("罚款;责令关闭", "2026-08-31", None, date(2029, 8, 31), date(2029, 11, 24)),
    8: ("限制从业", "2026-11-20", None, date(2029, 11, 20), date(2031, 1, 1)),
    9: ("其他-约谈", "2026-11-24", None, date(2027, 11, 24), date(2029, 11, 24)),
}
LICENCES = {1: ("2026-12-31", date(2027, 1, 1)), 2: ("2028-02-29", date(2028, 3, 1)), 3: ("2099-12-31", NEVER)}
LISTED = {1: ("2027-11-20", date(2027, 11, 21)), 2: ("2028-12-31", date(2029, 1, 1)), 3: (None, NEVER)}


def the_world():
    """Take in every class of record around each boundary."""
    known_subject()
    delivered = [
        a_penalty(at, cf_cflb=kinds, cf_jdrq=decided, cf_gsjzq=end, cf_yxq="2030-12-31", cf_nr_zkdx="证1")
        for at, (kinds, decided, end, *_) in PENALTIES.items()
    ]
    take_in("enforcement_penalty", TOLD_ON, delivered)
    take_in("approvals_licence", TOLD_ON, [a_licence(at, xk_yxqzi=end) for at, (end, _) in LICENCES.items()])
    stages.aggregate(TOLD_ON)


def numbers(platform, record_type, when):
    """Return the numbers of the records that a platform should show on a date."""
    with connected() as connection:
        open_gate(connection, when)
        query = sa.text(f"SELECT natural_key FROM publication.{view_name(platform, record_type)} WHERE fits")
        documents = [key.split("|")[1] for key in connection.execute(query).scalars()]
    return {int(document.rstrip("号").rpartition("〕")[2].removeprefix("许")) for document in documents}


def around(days):
    """Return the day before, the day itself and the day after of each."""
    return sorted({day + timedelta(days=by) for day in days if day != NEVER for by in (-1, 0, 1)})


def first_told(platform):
    """Let a platform show everything on the first night, receipts noted as a night does."""
    told(platform, TOLD_ON)
    answered(platform)
    execute(
        "INSERT INTO publication.first_receipt SELECT platform, record_type, record_id, :when "
        "FROM publication.published WHERE platform = :platform ON CONFLICT DO NOTHING",
        when=TOLD_ON,
        platform=platform,
    )


@pytest.mark.parametrize(("platform", "at"), [("city", 3), ("portal", 3), ("national", 4)])
def test_every_record_is_shown_to_its_last_day_and_never_after(platform, at):
    the_world()
    first_told(platform)
    ends = {number: entry[at] for number, entry in PENALTIES.items()}
    for when in around(ends.values()):
        decided = {number for number, entry in PENALTIES.items() if date.fromisoformat(entry[1]) <= when}
        expected = {number for number, end in ends.items() if end > when}
        if platform == "national" and when < TOLD_ON:
            continue  # before it was first shown its period had not begun
        assert numbers(platform, "penalty", when) == expected & decided, when
    for when in around(end for _, end in LICENCES.values()):
        expected = {number for number, (_, end) in LICENCES.items() if end > when}
        assert numbers(platform, "licence", when) == expected, when


def leaving(platform, after, until, at):
    """Return which documents are due to leave in a span of time."""
    penalties = {f"闽明工信罚〔2026〕{n}号" for n, entry in PENALTIES.items() if after < entry[at] <= until}
    return penalties | {f"许{n}" for n, (_, end) in LICENCES.items() if after < end <= until}


def test_three_years_on_exactly_the_due_records_leave_every_platform_and_nothing_else_moves():
    the_world()
    three_years_on = date(2029, 11, 24)
    for platform, at in (("city", 3), ("portal", 3), ("national", 4)):
        first_told(platform)
        before = {key.split("|")[1] for key in published(platform)}
        due = leaving(platform, TOLD_ON, three_years_on, at)
        items = told(platform, three_years_on)
        assert {key.split("|")[1] for _, _, key in items} == due
        assert {(operation, reason) for operation, reason, _ in items} == {("withdraw", "expired")}
        answered(platform)
        assert {key.split("|")[1] for key in published(platform)} == before - due
        assert told(platform, three_years_on + timedelta(days=1)) == [] or platform == "national"


@pytest.mark.proofs
def test_day_by_day_through_three_months_each_record_leaves_on_its_own_day():
    the_world()
    first_told("city")
    left, when = {}, TOLD_ON
    while when < date(2027, 3, 2):
        when += timedelta(days=1)
        if numbers_left(when):
            items = told("city", when)
            answered("city")
            left |= {key.split("|")[1]: when for _, _, key in items}
    assert left == {"闽明工信罚〔2026〕4号": date(2026, 11, 30), "许1": date(2027, 1, 1)} | {
        f"闽明工信罚〔2026〕{number}号": date(2027, 2, 28) for number in (5, 6)
    }


def numbers_left(when):
    """Say whether the city platform should show less than it does: the nights between say nothing."""
    desired = len(numbers("city", "penalty", when)) + len(numbers("city", "licence", when))
    return desired != len(published("city"))


def test_the_terms_of_lists_end_on_their_day():
    shown = PlatformRecord(
        table_code="red_list",
        title="守信激励名单",
        parties=("法人及非法人组织",),
        columns={"名称": Projection(field="JGQC"), "文号": Projection(field="RDWH")},
    )
    records = catalogue().platforms["portal"].records | {"red_list": shown}
    with declared("portal", records=records):
        for number, (end, _) in LISTED.items():
            execute(
                "INSERT INTO warehouse.red_list (record_id, batch_id, row_number, feed, source_at, known_at, "
                "valid_from, content_hash, jgqc, tyshxydm, rymc, rdwh, rdbmqc, rdrq, gsjzq) "
                "VALUES (gen_random_uuid(), 1, 1, 'list', '2026-01-01', '2026-01-01', '2026-01-01', "
                "'', :name, :code, '荣誉', :number, '局', '2026-01-01', :end)",
                name=NAME,
                code=COMPANY,
                number=str(number),
                end=end,
            )
        for when in around(end for _, end in LISTED.values()):
            assert numbers("portal", "red_list", when) == {n for n, (_, end) in LISTED.items() if end > when}, when
