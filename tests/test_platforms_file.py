"""The file channel against the stand-in of the national node, over a real folder."""

from __future__ import annotations

import dataclasses
import tracemalloc

import pytest
from messages import BUREAU, COMPANY, DEPARTMENT, KEY, a_message, a_registry, an_item, declared, states
from openpyxl import load_workbook

from sandbox.national import LICENCE, PENALTY, PENALTY_KINDS, serve_national
from xinyong import platforms
from xinyong.catalogue import catalogue
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import Answer
from xinyong.platforms.feedback import read_feedback
from xinyong.platforms.file import sheets, workbook
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

NATIONAL_PENALTY = {
    "处罚决定书文号": "闽明工信罚〔2026〕1号",
    "处罚决定书签发日期": "2026-11-20",
    "违法行为类型": "违反节约能源法",
    "处罚种类": "罚款,警告",
    "处罚机关": BUREAU,
    "企业名称": COMPANY["name"],
    "注册号": COMPANY["number"],
    "统一社会信用代码": COMPANY["uscc"],
}


@pytest.fixture
def registry(tmp_path):
    return a_registry(tmp_path)


@pytest.fixture
def node(tmp_path, registry):
    handle = serve_national(tmp_path / "national", registry, poll_seconds=None)
    yield handle
    handle.stop()


@pytest.fixture
def folder(node):
    return node.node.folder


@pytest.fixture
def national(folder):
    return a_file_channel(folder)


def a_file_channel(folder):
    access = Connection("national", "file", "", None, "", "", str(folder), {}, "")
    return platforms.adapter(declared("national"), DEPARTMENT, access, HmacSm3(KEY))


def a_row(position=1, operation="add", **changes):
    payload = NATIONAL_PENALTY | {"处罚决定书文号": f"闽明工信罚〔2026〕{position}号"} | changes
    return an_item(position, operation, payload)


def a_delivery(*items, **changes):
    return a_message(*items, platform="national", **changes)


def test_a_file_waits_and_then_its_feedback_is_read(node, national):
    message = a_delivery(a_row(1), a_row(2, 注册号=""))
    assert national.ask(message) is None
    national.send(message)
    assert [(answer.state, answer.code) for answer in national.ask(message)] == [("unknown", "waiting")] * 2
    node.process()
    assert national.ask(message) == [
        Answer(1, "accepted"),
        Answer(2, "rejected", "3", "注册号", "注册码不匹配"),
    ]


def test_the_file_has_notice_headings_and_rows_as_text(folder, national):
    national.send(a_delivery(a_row(1, 违法行为类型="=1+1")))
    [path] = (folder / "inbox").iterdir()
    notice, headings, row = load_workbook(path).worksheets[0].iter_rows()
    assert path.name == "CF_00000001_national-00000001.xlsx"
    assert notice[0].value.startswith("填报说明")
    assert [cell.value for cell in headings][:2] == ["序号", "处罚决定书文号"]
    assert [cell.data_type for cell in row] == ["s"] * 9
    assert row[3].value == "=1+1"


def test_a_file_is_written_row_by_row_whatever_its_size(folder, national):
    """A message is a file, so `batch_size` is its size; memory does not grow with its cells."""
    message = a_delivery(*[a_row(at, 违法行为类型=f"{at}" + "违法" * 5000) for at in range(1, 201)])
    [sheet] = sheets(message, national.node, BUREAU)
    tracemalloc.start()
    try:
        workbook(sheet, national.node.notice).save(folder / "inbox" / sheet.name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = sum(len(cell.encode()) for row in sheet.rows for cell in row)
    assert peak < text / 4, f"{peak} bytes in memory for {text} bytes of text"
    written = load_workbook(folder / "inbox" / sheet.name, read_only=True)
    assert sum(1 for _ in written.worksheets[0].rows) == 202
    written.close()


def test_an_incomplete_item_is_left_out_and_answered_in_words(node, national):
    message = a_delivery(
        a_row(1, 处罚机关=None), a_row(2), a_row(3, 注册号="", 统一社会信用代码=""), a_row(4, 违法行为类型="\x07")
    )
    national.send(message)
    node.process()
    answers = national.ask(message)
    assert states(answers) == ["rejected", "accepted", "rejected", "rejected"]
    assert {answers[0].code, answers[2].code, answers[3].code} == {"left_out"}
    assert "缺少「处罚机关」" in answers[0].text
    assert "「注册号」和「统一社会信用代码」都为空" in answers[2].text
    assert "控制字符" in answers[3].text


def test_a_message_of_which_everything_is_left_out_writes_no_file(folder, national):
    message = a_delivery(a_row(1, 处罚机关=None))
    national.send(message)
    assert list((folder / "inbox").iterdir()) == []
    assert states(national.ask(message)) == ["rejected"]


def test_withdrawals_travel_in_a_file_of_their_own(node, national):
    first, second = a_row(1), a_row(2)
    national.send(a_delivery(first, number=1))
    node.process()
    message = a_delivery(dataclasses.replace(first, operation="withdraw"), second, number=2)
    national.send(message)
    node.process()
    assert states(national.ask(message)) == ["accepted", "accepted"]
    assert [row["处罚决定书文号"] for row in node.node.store.shown()] == ["闽明工信罚〔2026〕2号"]


def test_a_record_with_a_corrected_date_is_withdrawn_before_it_is_added(node, national):
    national.send(a_delivery(a_row(1), number=1))
    node.process()
    message = a_delivery(a_row(1, 处罚决定书签发日期="2026-11-21"), an_item(2, "withdraw", a_row(1).payload), number=2)
    national.send(message)
    node.process()
    assert states(national.ask(message)) == ["accepted", "accepted"]
    assert [row["处罚决定书签发日期"] for row in node.node.store.shown()] == ["2026-11-21"]


def test_a_withdrawal_the_node_does_not_know_is_rejected(node, national):
    message = a_delivery(a_row(operation="withdraw"))
    national.send(message)
    node.process()
    assert national.ask(message)[0].text == "没有可撤销的公示记录"


def test_sending_again_is_the_same_file_and_has_one_effect(node, folder, national):
    message = a_delivery(a_row(1))
    national.send(message)
    national.send(message)
    node.process()
    national.send(message)
    assert list((folder / "inbox").iterdir()) == []
    assert states(national.ask(message)) == ["accepted"]


def test_the_rest_of_a_half_delivered_message_is_sent(node, folder, national):
    message = a_delivery(a_row(1), a_row(2, operation="withdraw"))
    national.send(message)
    (folder / "inbox" / "CX_CF_00000001_national-00000001.xlsx").unlink()
    node.process()
    assert national.ask(message) is None
    national.send(message)
    assert [path.name for path in (folder / "inbox").iterdir()] == ["CX_CF_00000001_national-00000001.xlsx"]


def test_a_refused_file_rejects_its_items_with_the_reason(node, folder, national):
    message = a_delivery(a_row(1))
    (folder / "inbox" / "CF_00000001_national-00000001.xlsx").write_bytes(b"PK cut off on its way")
    node.process()
    assert national.ask(message) == [Answer(1, "rejected", "file_refused", None, "国家节点整批退回：文件无法读取")]


def test_a_feedback_of_other_rows_settles_nothing(node, folder, national):
    message = a_delivery(a_row(1), a_row(2))
    national.send(message)
    other = a_delivery(a_row(3), number=1)
    [sheet] = sheets(other, national.node, BUREAU)
    national._write(sheet)
    node.process()
    assert [(answer.state, answer.code) for answer in national.ask(message)] == [("unknown", "other_row")] * 2


def test_line_breaks_survive_the_way_through_excel(node, national):
    message = a_delivery(a_row(1, 违法行为类型=" 第一行\r\n第二行 "))
    national.send(message)
    node.process()
    assert states(national.ask(message)) == ["accepted"]


def test_an_unreadable_feedback_says_so(folder, national):
    message = a_delivery(a_row(1))
    (folder / "feedback" / "CF_00000001_national-00000001.xlsx").write_bytes(b"half a fi")
    with pytest.raises(PlatformUnavailable, match="is not readable. Found: BadZipFile"):
        national.ask(message)


def test_a_folder_that_is_not_mounted_is_an_unavailable_platform(tmp_path):
    with pytest.raises(PlatformUnavailable, match="no `inbox` in it"):
        a_file_channel(tmp_path / "elsewhere").send(a_delivery(a_row(1)))


def test_a_quiet_day_is_a_file_of_its_own(node, folder, national):
    message = a_delivery(number=9)
    national.send(message)
    node.process()
    assert national.ask(message) == []
    name = "00000009_national-00000009_无数据.xlsx"
    assert read_feedback("national", folder / "feedback" / name).reason == "无数据"


def test_a_key_that_no_file_name_takes_is_replaced_by_its_digest(national):
    [sheet] = sheets(a_delivery(a_row(1), key="a/b:c"), national.node, BUREAU)
    assert len(sheet.name) == len("CF_00000001_.xlsx") + 32


def test_the_node_lists_nothing(national):
    assert national.listing("penalty") is None


@pytest.mark.parametrize(("record_type", "template"), [("penalty", PENALTY), ("licence", LICENCE)])
def test_the_declared_columns_are_those_of_the_template(record_type, template):
    taken = declared("national").records[record_type]
    assert set(taken.columns) - {"序号"} == template.headings
    assert set(taken.required) == {template.authority, "企业名称"}


def test_every_kind_of_penalty_has_a_word_in_the_list_of_the_node():
    words = declared("national").records["penalty"].columns["处罚种类"].codes
    assert set(words.values()) <= PENALTY_KINDS
    assert set(catalogue().codes["penalty_kind"].words()) <= set(words)
