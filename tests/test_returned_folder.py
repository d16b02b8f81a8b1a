"""What sections drop is taken in once, answered and put away, whatever lies beside it and whenever it is killed."""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from deliveries import day, rows
from files import a_workbook
from proofs import as_proofs
from telling import running_by
from test_extract_hostile import with_part
from test_rectified import FACTS, SECOND, a_list, fill, live, night, no_facts, sound

from sandbox.rehearsal.points import Watch, watched
from xinyong import report, stages
from xinyong.catalogue import catalogue
from xinyong.errors import SourceUnavailable
from xinyong.rectification import INFO_SHEET, SHEET
from xinyong.rectified import Taken
from xinyong.returned_folder import CLAIMED, REFUSED, TAKEN, take_all, waiting
from xinyong.returned_list import ReturnError
from xinyong.settings import var_dir

PERSON, NUMBER = "林建国", "11010519491231002X"
NAME = "整改清单_安全生产科_20261124"
LISTS = "SELECT count(*) FROM landing.rectification"
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def folder(environment):
    (environment / "returned").mkdir()
    return environment / "returned"


def take_in(number=2, person=PERSON, file=None):
    stages.take_all_returned(person, day(number), file)


def lying(folder):
    """Return what lies in a folder, by name without the digits of the checksum."""
    return sorted(
        re.sub(r"_[0-9a-f]{8}(?=(_回执)?(\.|$))", "", path.name) for path in folder.iterdir() if path.is_file()
    )


def answers(folder):
    return sorted((folder / TAKEN).glob("*_回执.xlsx"))


def told(path):
    """Return the results of an answer, and whom and which day it names."""
    title, _, _, *lines = openpyxl.load_workbook(path)["回执"].iter_rows(values_only=True)
    return [line[5] for line in lines], title[0].split("（")[1]


def dropped(folder, *corrections, number=1):
    """Drop the list of a night with some lines filled in."""
    path = fill(a_list(folder.parent / "lists", number), *corrections)
    return Path(shutil.copy(path, folder))


CHINESE = (
    "这不是整改清单（工作表：行政处罚）", "带宏的工作簿", "异常膨胀", "已损坏或不完整",
    "不是 Excel 工作簿", "另一个部门的清单",
)  # fmt: skip


def altered(path, sheet, cell, value, target=None):
    """Write into a cell that is locked, or that nobody was asked to fill in."""
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(target or path)


def hostile(folder):
    """Drop everything that is no list of ours, each under a name that says what it is."""
    a_workbook(folder / f"a 别的工作簿 {NUMBER}.xlsx")
    with_part(a_workbook(folder / "b 宏.xlsx"), "xl/vbaProject.bin", b"macros")
    with_part(a_workbook(folder / "c 炸弹.xlsx"), "xl/worksheets/sheet9.xml", b"<worksheet>" + b" " * (64 << 20))
    (folder / "d 半个.xlsx").write_bytes((folder / "b 宏.xlsx").read_bytes()[:3000])
    (folder / "e 文字.docx").write_bytes(b"no workbook")
    altered(next(folder.glob(f"{NAME}*")), INFO_SHEET, "B2", "91350402MA2XYKT640", folder / "f 别的部门.xlsx")


def test_a_good_list_is_taken_in_beside_hostile_files_which_are_given_back_with_their_reasons(folder):
    night(1, sound(), no_facts())
    dropped(folder, FACTS)
    hostile(folder)
    with pytest.raises(ReturnError) as refused:
        take_in()
    said = str(refused.value)
    for expected in (
        "6 of 7 files", "is no rectification list", "a workbook with macros", "that unpacks to", "damaged or truncated",
        "no workbook at all", "list of another department",
    ):  # fmt: skip
        assert expected in said
    assert NUMBER not in said
    assert live()[1] == (SECOND, FACTS[1])
    assert lying(folder) == lying(folder / CLAIMED) == []
    assert len(lying(folder / REFUSED)) == 12
    reasons = [path.read_text("utf-8-sig") for path in sorted((folder / REFUSED).glob("*.txt"))]
    assert all(reason.startswith("这个文件没有接收") for reason in reasons)
    for reason, expected in zip(reasons, CHINESE, strict=True):
        assert expected in reason and NUMBER not in reason
        assert re.search("[A-Za-z]{3,} [A-Za-z]", reason) is None, "a clerk reads no English"
    (answer,) = answers(folder)
    assert told(answer) == (["已采纳"], f"2026年11月25日，{PERSON}）")
    take_in()


def test_a_list_given_another_section_is_answered_line_by_line(folder):
    night(1, sound(), no_facts())
    altered(dropped(folder, FACTS), INFO_SHEET, "B3", "enforcement")
    take_in()
    (answer,) = answers(folder)
    assert (told(answer)[0], len(live())) == (["不能采纳"], 1)


def test_the_same_file_dropped_twice_is_one_and_another_content_of_its_name_lies_beside_it(folder):
    night(1, sound(), no_facts(), no_facts(3))
    first = dropped(folder, FACTS)
    kept = shutil.copy(first, folder.parent)
    take_in()
    shutil.copy(kept, folder)
    take_in(3, "别人")
    (answer,) = answers(folder)
    assert (told(answer)[1], rows(LISTS)) == (f"2026年11月25日，{PERSON}）", [(1,)])
    assert lying(folder / TAKEN) == [f"{NAME}.xlsx", f"{NAME}_回执.xlsx"]
    dropped(folder, FACTS)
    take_in(3)
    assert (len(answers(folder)), rows(LISTS), len(live())) == (2, [(2,)], 3)


def killed_at(point):
    """Take the folder in, in a process of its own that ends before its point; after the last one it just ends."""

    def act():
        with watched(Watch(point)), suppress(ReturnError):
            take_in(30)

    process = FORK.Process(target=act)
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.parametrize("every", [8, *as_proofs(1)])
def test_a_run_killed_before_any_of_its_steps_is_finished_by_the_next_one(folder, every):
    night(1, *map(sound, range(100, 130)), *map(no_facts, range(2, 20)))
    for number, point in enumerate(range(0, 18 * every, every)):
        dropped(folder, FACTS, number=number + 1)
        was_killed = killed_at(point)
        take_in(30, "别人")
        assert lying(folder) == lying(folder / CLAIMED) == []
        assert (len(live()), rows(LISTS), len(answers(folder))) == (number + 31, [(number + 1,)], number + 1)
        assert {result for answer in answers(folder) for result in told(answer)[0]} == {"已采纳"}
        if not was_killed:
            assert point >= 4, "claim, landing, answer and putting away"
            return
    pytest.fail("there are more steps than records")


def test_a_refusal_killed_before_any_of_its_steps_is_finished_by_the_next_run(folder):
    for point in range(9):
        (folder / "a.xlsx").write_text(f"no workbook, number {point}")
        was_killed = killed_at(point)
        with suppress(ReturnError):
            take_in()
        assert lying(folder) == lying(folder / CLAIMED) == []
        assert lying(folder / REFUSED) == ["a.xlsx"] * (point + 1) + ["a_回执.txt"] * (point + 1)
        if not was_killed:
            assert point >= 3, "claim, reason and putting away"
            return
    pytest.fail("there are more steps than files")


def test_one_file_is_taken_in_by_its_name_and_asking_for_it_again_is_harmless(folder):
    night(1, sound(), no_facts(), no_facts(3))
    dropped(folder, FACTS)
    (folder / "b.xlsx").write_bytes(b"not asked for")
    take_in(file=f"../{NAME}.xlsx")
    take_in(file=f"{NAME}.xlsx")
    assert (len(live()), (folder / "b.xlsx").exists()) == (2, True)
    with pytest.raises(ReturnError, match=r"^c\.xlsx is not in .*Found: b\.xlsx\. Expected: the name of a file there"):
        take_in(file="c.xlsx")


def test_a_share_that_is_not_mounted_is_said_and_our_own_folder_is_made(environment, monkeypatch):
    take_in()
    assert (environment / "returned" / TAKEN).is_dir()
    monkeypatch.setenv("XINYONG_RETURNED", str(environment / "mnt" / "share"))
    with pytest.raises(SourceUnavailable, match="Mount the share"):
        take_in()
    assert not (environment / "mnt").exists()


def taken(path, answer):
    """Take a file in that says what shall become of it."""
    if path.read_text() == "fault":
        raise ValueError(NUMBER)
    answer.write_text(path.read_text())
    return Taken("safety", (), True, PERSON, day(2))


def test_what_is_no_plain_file_stays_where_it_is(folder):
    (folder / "secret").write_text("list")
    (folder / "link.xlsx").symlink_to(folder / "secret")
    for name in (".draft.xlsx", "~$a.xlsx"):
        (folder / name).write_text("list")
    (folder / "folder.xlsx").mkdir()
    take_all(folder, None, taken)
    assert lying(folder / TAKEN) == ["secret", "secret_回执.xlsx"]
    assert {path.name for path in folder.iterdir()} == {
        *("link.xlsx", ".draft.xlsx", "~$a.xlsx", "folder.xlsx", CLAIMED, TAKEN, REFUSED)
    }


def test_a_fault_keeps_its_file_for_the_next_run_and_no_other_file_waiting(folder):
    for name, content in (("a.xlsx", "fault"), ("b.xlsx", "list")):
        (folder / name).write_text(content)
    with pytest.raises(
        ReturnError, match=r"1 of 2 files.*\na\.xlsx: it could not be read or moved \(ValueError\)"
    ) as e:
        take_all(folder, None, taken)
    assert NUMBER not in str(e.value) and e.value.__cause__ is None
    assert (lying(folder / CLAIMED), lying(folder / TAKEN)[0]) == (["a.xlsx"], "b.xlsx")
    (folder / "a.xlsx").write_text("another list")
    with pytest.raises(ReturnError, match="an earlier file of this name is still in 处理中"):
        take_all(folder, None, taken)
    assert (folder / CLAIMED / "a.xlsx").read_text() == "fault"
    (folder / CLAIMED / "a.xlsx").write_text("mended")
    take_all(folder, None, taken)
    assert lying(folder) == []


def test_a_long_name_is_cut_so_that_its_answer_has_room(folder):
    (folder / f"{'长' * 80}.xlsx").write_text("list")
    take_all(folder, None, taken)
    assert [len(path.name) for path in sorted((folder / TAKEN).iterdir())] == [64, 67]
    take_all(folder, f"{'长' * 80}.xlsx", taken)


def test_a_sign_that_no_database_takes_is_answered(folder):
    night(1, sound(), no_facts())
    altered(dropped(folder, FACTS), SHEET, "N4", "见卷宗_x0000_")
    take_in()
    assert len(live()) == 2


@pytest.fixture
def of_two(environment):
    """Let a second person have to agree with every returned list."""
    found = catalogue()
    limits = found.department.corrections.model_copy(update={"approve_above_records": 0})
    with running_by(replace(found, department=found.department.model_copy(update={"corrections": limits}))):
        yield


def morning(number):
    """Return what a night's ledger says in the terminal, on its page and to programs."""
    stages.report(day(number))
    reported = var_dir() / "reports" / day(number).isoformat()
    lines = [line for line in report.attention(stages.read_ledger(day(number))) if "returned" in line]
    page = (reported / "index.html").read_text("utf-8")
    return lines, page, json.loads((reported / "ledger.json").read_text("utf-8"))["returned"]


def test_the_morning_tells_lists_that_nobody_has_taken_in_and_corrections_that_nobody_has_agreed_with(folder, of_two):
    night(1, sound(), no_facts())
    lines, page, told = morning(1)
    assert (lines, "整改清单" in page, told) == ([], False, {"files": [], "corrections": []})
    path = dropped(folder, FACTS)
    (folder / CLAIMED).mkdir()
    (folder / CLAIMED / f"{NUMBER}.xlsx").write_bytes(b"left by a killed run")
    (line,), page, told = morning(1)
    assert "2 wait to be taken in" in line and NAME in line and NUMBER not in line + page
    assert "2份尚未接收" in page and told["files"][1] == path.name
    (folder / CLAIMED / f"{NUMBER}.xlsx").unlink()
    take_in()
    (line,), page, told = morning(2)
    assert line.startswith("returned lists: correction 1 waits for a second person")
    assert "更正 1 待第二人批准" in page and "尚未接收" not in page
    assert told == {"files": [], "corrections": [1]}


def test_a_folder_that_cannot_be_read_does_not_hold_up_the_morning(environment, monkeypatch, caplog):
    assert waiting(environment / "returned") == []
    monkeypatch.setenv("XINYONG_RETURNED", f"/{'x' * 300}")
    assert stages.read_ledger(day(1)).returned.files == ()
    assert "what waits there is not told" in caplog.text
