"""`xinyong as-of` answers in both languages, streams, and says what stands where it cannot answer."""

from __future__ import annotations

import csv
import json

import pytest
from deliveries import a_penalty, a_subject, day, rows, take_in
from staged import COMPANY
from telling import NAME, answered, known_subject, taken_in, told
from test_warehouse import lenient
from typer.testing import CliRunner

from xinyong import stages
from xinyong.history_cli import app

FEED = "enforcement_penalty"
DOCUMENT = "闽明工信罚〔2026〕1号"

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture(autouse=True)
def in_december(monkeypatch):
    """The command line's clock stands in December, behind every date of these tests."""
    from datetime import date

    monkeypatch.setattr("xinyong.history_cli.today", lambda: date(2026, 12, 31))


def said(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_record_is_shown_with_its_fields_and_the_versions_that_were_known():
    take_in(FEED, day(1), [a_penalty(1, cf_sy="甲")])
    take_in(FEED, day(3), [a_penalty(1, cf_sy="乙")])
    code, text = said("2026-11-26", DOCUMENT, "--known", "2026-11-25")
    assert code == 0
    for part in ("行政处罚", "属实 true", "as known on 2026-11-25", "since 2026-11-20", "甲"):
        assert part in text
    assert "乙" not in text
    assert "乙" in said("2026-11-26", DOCUMENT)[1]


def test_everything_about_a_subject_is_found_by_code_by_name_and_by_former_name():
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    take_in("registry_subject", day(2), [a_subject("三明新名机械有限公司", COMPANY)])
    for sought in (COMPANY, NAME, "三明新名机械有限公司"):
        code, text = said("2026-11-24", sought)
        assert (code, "2026-11-24: 3 records." in text) == (0, True)
        assert NAME in text and DOCUMENT in text
    assert "三明新名机械有限公司" in said("2026-11-25", COMPANY)[1]


def test_all_records_of_a_type_are_streamed_as_json_and_as_csv(tmp_path):
    take_in(FEED, day(1), [a_penalty(at, cf_fr_zjlx="身份证", cf_fr_zjhm="11010519491231002X") for at in range(1, 4)])
    code, text = said("2026-11-24", "--type", "penalty", "--json")
    assert (code, [row["standing"] for row in json.loads(text)]) == (0, ["true"] * 3)
    assert "11010519491231002X" not in text and "110105********002X" in text
    file = tmp_path / "penalties.csv"
    assert said("2026-11-24", "--type", "penalty", "-o", file)[0] == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = list(csv.DictReader(lines))
    assert {row["document"] for row in found} == {f"闽明工信罚〔2026〕{at}号" for at in range(1, 4)}
    assert json.loads(said("2026-11-19", "--type", "penalty", "--json")[1]) == []


def test_what_a_platform_showed_follows_its_receipts():
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    told("city", day(1))
    answered("city")
    taken_in(day(2), [a_penalty(1)], declared=lenient(FEED))
    told("city", day(2))
    answered("city")
    assert "2026-11-24: 2 records." in said("2026-11-24", "--platform", "city")[1]
    assert "2026-11-25: 1 records." in said("2026-11-25", "--platform", "city")[1]
    assert "2026-11-24: 0 records." in said("2026-11-24", "--platform", "city", "--type", "licence")[1]
    shown = json.loads(said("2026-11-24", "闽明工信罚〔2026〕2号", "--platform", "city", "--json")[1])
    assert [row["natural_key"] for row in shown] == [f"{NAME}|闽明工信罚〔2026〕2号|2026-11-20"]
    assert len(json.loads(said("2026-11-25", COMPANY, "--platform", "city", "--json")[1])) == 1


def test_what_a_platform_showed_and_a_correction_took_back_is_found_by_number_and_by_company():
    known_subject()
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    told("city", day(1))
    answered("city")
    (batch_id,) = {row[0] for row in rows("SELECT batch_id FROM warehouse.penalty")}
    form = {"kind": "retract", "feed": FEED, "batch_id": batch_id, "person": "林", "reason": "重复导入"}
    planned = stages.plan_correction(form, day(3)).correction
    stages.apply_correction(planned.correction_id, planned.plan_hash, "陈", "已核对", day(3))
    assert "自始不实 never true" in said("2026-11-24", DOCUMENT)[1]
    assert "属实 true" in said("2026-11-24", DOCUMENT, "--known", "2026-11-25")[1]
    for sought, count in ((DOCUMENT, 1), (COMPANY, 2), (NAME, 2)):
        assert f"2026-11-24: {count} records." in said("2026-11-24", sought, "--platform", "city")[1]
    assert "2026-11-24: 1 records." in said("2026-11-24", COMPANY)[1], "the company itself"
    assert "2026-11-24: 3 records." in said("2026-11-24", COMPANY, "--known", "2026-11-25")[1]


def test_a_type_beside_a_name_leaves_the_others_out():
    known_subject()
    taken_in(day(1), [a_penalty(1)])
    assert "2026-11-24: 1 records." in said("2026-11-24", COMPANY, "--type", "penalty")[1]
    assert "Nothing of type licence is called" in said("2026-11-24", DOCUMENT, "--type", "licence")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("2026-11-24",), "Of what?"),
        (("2026-11-24", ""), "Of what?"),
        (("2026-11-24", "--platform", "city", "--known", "2026-11-24"), "Expected: one"),
        (("2026-11-24", DOCUMENT, "--csv", "--json"), "Expected: one of them"),
        (("2026-11-24", "闽罚"), "Nothing is called `闽罚`"),
        (("2026-11-24", "--type", "fine"), "There is no record type `fine`. Expected one of: "),
        (("2026-11-24", DOCUMENT, "--platform", "moon"), "There is no platform `moon`. Expected one of: city"),
        (("2027-01-01", DOCUMENT), "date 2027-01-01 is in the future. Expected: 2026-12-31 or earlier"),
        (("2026-11-24", DOCUMENT, "--known", "2027-01-01"), "knowledge date 2027-01-01 is in the future"),
        (
            ("2026-11-24", DOCUMENT, "--known", "2026-11-23"),
            "nothing was known: the first date is 2026-11-24",
        ),
        (("2026-11-24", "--platform", "portal"), "platform portal was told nothing: there is no date yet"),
        (("24.11.2026", DOCUMENT), "Invalid value"),
    ],
)
def test_a_question_without_an_answer_says_what_stands(arguments, says):
    take_in(FEED, day(1), [a_penalty(1)])
    code, text = said(*arguments)
    assert code != 0
    assert says in " ".join(text.split())
