"""A returned list is judged like a delivery; what passes stands until the business system says something else."""

from __future__ import annotations

import openpyxl
import pytest
from deliveries import a_penalty, day, landed, rows, stored

from xinyong import correction, stages
from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.landing import batch
from xinyong.quality import judge
from xinyong.rectification import HEADING_ROW, SHEET, rectify
from xinyong.rectified import Taken, take_in
from xinyong.restatement import RestatementError, standing
from xinyong.returned_list import read
from xinyong.staging import stage

FEED = "safety_penalty"

pytestmark = pytest.mark.usefixtures("environment")


def night(number, *records):
    """Bring a night's file, with some sound records at its end, through land, check and store by the real rules."""
    others = [a_penalty(at) for at in range(90, 97)]
    batch_id = landed(FEED, day(number), [*records, *others])
    feed = catalogue().feeds[FEED]
    with connected() as connection:
        known = batch(connection, batch_id)
        stage(connection, feed, catalogue().records["penalty"], batch_id, known.known_at)
        judge(connection, feed, catalogue().records["penalty"], batch_id, day(number))
        run(connection, "landing/set_state", batch_id=batch_id, state="checked")
    stored(batch_id)


def sound(number=1):
    return a_penalty(number)


def no_facts(number=2):
    return a_penalty(number, cf_sy=None)


def a_list(folder, number=1):
    with connected() as connection:
        written = rectify(connection, catalogue(), day(number), folder, "safety")
    return written[0].path if written else None


def fill(path, *corrections):
    """Fill corrections into a list, each given as field title and value, in the line that asks for it."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for title, value in corrections:
        at = next(
            row
            for row in range(HEADING_ROW + 1, sheet.max_row + 1)
            if sheet.cell(row, 9).value == title and sheet.cell(row, 13).value is None
        )
        sheet.cell(at, 13).value = value
    book.save(path)
    return path


def returned(path, number=2, person="林建国") -> Taken:
    with connected() as connection:
        found = read(catalogue(), path, day(number))
        return take_in(connection, catalogue(), found, person, day(number), path.parent / "docs")


def live():
    return rows("SELECT cf_wsh, cf_sy FROM warehouse.penalty_current WHERE cf_wsh !~ '〕9[0-9]号' ORDER BY cf_wsh")


def entries():
    return rows("SELECT document, state, reason, person FROM quality.quarantine ORDER BY document, state")


VALID_FACTS = a_penalty(1)["cf_sy"]
FACTS = ("违法事实", "未按规定报送能源利用状况报告")
SECOND = "闽明工信罚〔2026〕2号"


def test_a_corrected_record_enters_and_closes_its_entry_and_landing_keeps_both(tmp_path):
    night(1, sound(), no_facts())
    assert len(live()) == 1
    taken = returned(fill(a_list(tmp_path), FACTS))
    assert [(line.outcome, line.sentences) for line in taken.lines] == [("taken", ())]
    assert live()[1] == (SECOND, FACTS[1])
    ((document, state, reason, person),) = entries()
    assert (document, state, person) == (SECOND, "fixed_at_source", "林建国")
    assert "整改清单_安全生产科_20261124.xlsx" in reason
    assert rows("SELECT cf_sy FROM landing.safety_penalty ORDER BY row_number")[:2] == [(VALID_FACTS,), (None,)]
    kept = "SELECT field, corrected, outcome, correction_id IS NOT NULL FROM landing.rectification_line"
    assert rows(kept) == [("CF_SY", FACTS[1], "taken", True)]
    origin = "SELECT origin, section, list_date, person FROM landing.rectification"
    assert rows(origin) == [("整改清单_安全生产科_20261124.xlsx", "safety", day(1), "林建国")]


def test_the_correction_stands_while_the_source_delivers_the_wrong_content_and_lapses_after_it(tmp_path):
    night(1, sound(), no_facts())
    returned(fill(a_list(tmp_path), FACTS))
    night(2, sound(), no_facts(), a_penalty(3))
    assert (SECOND, FACTS[1]) in live()
    assert a_list(tmp_path, 2) is not None
    told = openpyxl.load_workbook(a_list(tmp_path, 2))["已更正待来源修改"]
    assert [cell.value for cell in told[3]][1:5] == [SECOND, *FACTS, "林建国"]
    night(3, sound(), a_penalty(2, cf_sy="另一事实"), a_penalty(3))
    assert (SECOND, "另一事实") in live()
    with connected() as connection:
        assert [one.state for one in standing(connection)] == ["lapsed"]


@pytest.mark.proofs
def test_a_source_that_follows_needs_no_correction_any_more(tmp_path):
    night(1, sound(), no_facts())
    returned(fill(a_list(tmp_path), FACTS))
    night(2, sound(), a_penalty(2, cf_sy=FACTS[1]))
    assert (SECOND, FACTS[1]) in live()
    assert a_list(tmp_path, 2) is None


def test_what_still_fails_is_told_line_by_line_and_changes_nothing(tmp_path):
    night(1, sound(), no_facts(), a_penalty(3, cf_sy=None, cf_nr_fk=None))
    path = fill(a_list(tmp_path), FACTS, FACTS)
    taken = returned(path)
    assert [line.outcome for line in taken.lines] == ["taken", "failed"]
    assert taken.lines[1].sentences == ("处罚类别包含“罚款”，但罚款金额（万元）未填写或为0（PEN-R22）",)
    assert [document for document, _ in live()] == ["闽明工信罚〔2026〕1号", SECOND]
    assert rows("SELECT count(*) FROM quality.quarantine WHERE state = 'open'") == [(1,)]
    again = returned(fill(a_list(tmp_path, 2), FACTS, ("罚款金额（万元）", 1)))
    assert [line.outcome for line in again.lines] == ["taken", "taken"]
    assert len(live()) == 3


@pytest.mark.proofs
def test_a_reminder_does_not_hinder(tmp_path):
    night(1, sound(), no_facts())
    taken = returned(fill(a_list(tmp_path), ("违法事实", "详见附件")))
    assert [line.outcome for line in taken.lines] == ["reminded"]
    assert "PEN-R35-CF_SY" in taken.lines[0].sentences[0]


@pytest.mark.proofs
def test_the_same_file_again_changes_nothing_and_says_what_became_of_it(tmp_path):
    night(1, sound(), no_facts())
    path = fill(a_list(tmp_path), FACTS)
    first, second = returned(path), returned(path, 3)
    assert (first.is_new, second.is_new) == (True, False)
    assert [(line.filled.corrected, line.outcome) for line in second.lines] == [(FACTS[1], "taken")]
    assert rows("SELECT count(*) FROM quality.restatement") == [(1,)]


@pytest.mark.proofs
def test_an_older_list_says_that_its_record_has_moved(tmp_path):
    night(1, sound(), no_facts())
    path = fill(a_list(tmp_path), FACTS)
    night(2, sound(), a_penalty(2, cf_sy=None, cf_nr="给予警告，罚款一万元"))
    (line,) = returned(path, 3).lines
    assert line.outcome == "refused"
    assert line.sentences == ("业务系统已于2026-11-25报送新内容，这条问题已销项。请用最新清单。",)


@pytest.mark.proofs
def test_a_list_from_before_a_decision_says_so(tmp_path):
    night(1, sound(), no_facts())
    path = fill(a_list(tmp_path), FACTS)
    stages.decide("waived", SECOND, "林", "测试", day(2))
    (line,) = returned(path, 3).lines
    assert (line.outcome, line.sentences) == ("refused", ("这条记录已免予整改，不再接收更正。",))


def test_identity_numbers_keys_and_two_values_for_one_field_are_refused(tmp_path):
    person = {"cf_xdr_lb": "自然人", "cf_xdr_zjlx": "身份证", "cf_xdr_shxym": None, "cf_frdb": None}
    night(1, sound(), a_penalty(2, **person), a_penalty(3, cf_wsh="闽明工信罚第3号", cf_sy=None))
    taken = returned(
        fill(a_list(tmp_path), ("证件号码", "11010519491231002X"), ("行政处罚决定书文号", "闽明工信罚〔2026〕3号"))
    )
    sentences = " ".join(line.sentences[0] for line in taken.lines)
    assert {line.outcome for line in taken.lines} == {"refused"}
    assert "证件号码属于个人证件信息，只能在业务系统中更正" in sentences
    assert "行政处罚决定书文号是记录的主键" in sentences
    assert rows("SELECT count(*) FROM landing.rectification_line WHERE corrected LIKE '%19491231%'") == [(0,)]


@pytest.mark.proofs
def test_a_correction_of_a_list_can_be_rolled_back(tmp_path):
    night(1, sound(), no_facts())
    path = fill(a_list(tmp_path), FACTS)
    (line,) = returned(path).lines
    with connected() as connection:
        correction.rollback(connection, catalogue(), line.correction_id, "林", "误填", day(3), tmp_path / "docs")
    assert len(live()) == 1
    assert [state for _, state, *_ in entries()] == ["open"]
    (line,) = returned(path, 3).lines
    assert (line.outcome, line.sentences) == ("refused", (f"更正 {line.correction_id} 已于2026-11-26由林撤回。",))


def test_a_large_list_waits_for_a_second_person(tmp_path):
    found = catalogue()
    night(1, sound(), no_facts())
    path = fill(a_list(tmp_path), FACTS)
    limits = found.department.corrections.model_copy(update={"approve_above_records": 0})
    from dataclasses import replace

    strict = replace(found, department=found.department.model_copy(update={"corrections": limits}))
    with connected() as connection:
        taken = take_in(connection, strict, read(strict, path, day(2)), "林", day(2), tmp_path / "docs")
    assert [line.outcome for line in taken.lines] == ["waiting"]
    assert len(live()) == 1
    ((number, plan_hash),) = taken.waiting
    assert [one.correction_id for one in stages.returned_waiting()] == [number]
    assert (returned(path, 3).waiting, stages.any_returned(day(2))) == (taken.waiting, False)
    stages.apply_correction(number, plan_hash, "陈", "已核对", day(3))
    agreed = returned(path, 4)
    assert [(line.outcome, line.sentences) for line in agreed.lines] == [
        ("taken", (f"更正 {number} 已于2026-11-26由陈批准。",))
    ]
    assert (agreed.waiting, agreed.person, agreed.received_on) == ((), "林", day(2))
    assert (stages.returned_waiting(), len(live())) == ([], 2)


def test_somebody_answers_for_a_list(tmp_path):
    night(1, sound(), no_facts())
    with pytest.raises(RestatementError, match="a person who answers for it"):
        returned(fill(a_list(tmp_path), FACTS), person=" ")


@pytest.mark.proofs
def test_a_record_without_a_number_is_given_one(tmp_path):
    night(1, sound(), a_penalty(2, cf_wsh="无"))
    taken = returned(fill(a_list(tmp_path), ("行政处罚决定书文号", SECOND)))
    assert [line.outcome for line in taken.lines] == ["taken"]
    assert [document for document, _ in live()] == ["闽明工信罚〔2026〕1号", SECOND]
    assert [(state, person) for _, state, _, person in entries()] == [("fixed_at_source", "林建国")]
    night(2, sound(), a_penalty(2, cf_wsh="无"), a_penalty(3))
    assert [document for document, _ in live()] == ["闽明工信罚〔2026〕1号", SECOND, "闽明工信罚〔2026〕3号"]
