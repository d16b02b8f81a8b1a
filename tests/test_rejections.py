"""What a platform does not take comes back to its section, in words, and is done when the record is told again."""

from __future__ import annotations

import pytest
from deliveries import a_penalty, day, take_in
from openpyxl import Workbook, load_workbook
from telling import answered, key_of, taken_in, told
from typer.testing import CliRunner

from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.cli import app
from xinyong.database import connected
from xinyong.platforms import Answer
from xinyong.publish import load
from xinyong.receipts import apply_answers
from xinyong.rejections import SHEET, add_sheet, rejections

SECTION = catalogue().feeds["enforcement_penalty"].section


@pytest.fixture
def rejected(environment):
    """Two penalties at the city platform: one taken, one rejected for its date."""
    taken_in(day(1), [a_penalty(1), a_penalty(2)])
    told("city", day(1))
    with connected() as connection:
        message, _ = load(connection, "city", 1)
        reason = Answer(2, "rejected", "10004", "CF_JDRQ", "【CF_JDRQ】：不是标准的日期格式]")
        apply_answers(connection, message, [Answer(1, "accepted"), reason], day(2))


def found(when=None, **asked):
    with connected() as connection:
        return rejections(connection, catalogue(), when or day(3), **asked)


def test_a_rejection_stands_with_field_sentence_and_section(rejected):
    (one,) = found()
    assert (one.natural_key, one.code, one.field) == (key_of(2), "10004", "处罚决定日期")
    assert (one.section, one.feed, one.answered_on) == (SECTION, "enforcement_penalty", day(2))
    assert "不是标准的日期格式" in one.says
    assert found(section="nobody") == found(platform="portal") == found(day(1)) == []


def test_the_corrected_record_is_linked_to_the_message_that_tells_it(rejected):
    taken_in(day(3), [a_penalty(1), a_penalty(2, cf_sy="更正")])
    assert told("city", day(3)) == [("add", None, key_of(2))]
    assert found() == []
    (one,) = found(everything=True)
    assert (one.resubmitted_number, one.resubmitted_state) == (2, "open")
    answered("city")
    assert found(everything=True)[0].resubmitted_state == "accepted"


def test_the_sections_list_has_a_sheet_of_what_platforms_returned(rejected, tmp_path):
    made = Workbook()
    add_sheet(made, catalogue(), found())
    made.save(tmp_path / "list.xlsx")
    sheet = load_workbook(tmp_path / "list.xlsx")[SHEET]
    values = [cell.value for cell in sheet[3]]
    assert values[1:6] == [
        "信用三明（城市信用平台）",
        key_of(2).replace("|", "｜"),
        "新增",
        "处罚决定日期",
        "【CF_JDRQ】：不是标准的日期格式]",
    ]
    add_sheet(made, catalogue(), [])
    assert made.sheetnames.count(SHEET) == 1


def test_the_list_that_is_written_every_night_holds_them(rejected):
    take_in("enforcement_penalty", day(3), [a_penalty(1), a_penalty(2), a_penalty(3, cf_sy=None)])
    (written,) = [one for one in stages.rectify(day(3)) if one.section == SECTION]
    assert SHEET in load_workbook(written.path).sheetnames


def test_the_command_lists_them(rejected):
    shown = CliRunner().invoke(app, ["rejections", "--date", "2026-11-26"])
    assert shown.exit_code == 0 and "处罚决定日期" in shown.output and "1 rejections" in shown.output
