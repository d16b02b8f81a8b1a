"""The national stand-in behaves like a node: whole files refused, rows matched, nothing processed twice."""

import pytest
from openpyxl import Workbook, load_workbook

from sandbox.national import serve_national

HEADINGS = ["序号", "处罚决定书文号", "处罚决定书签发日期", "违法行为类型", "处罚种类", "处罚机关"]
HEADINGS += ["企业名称", "注册号", "统一社会信用代码"]
GOOD = ["1", "闽明工信罚〔2026〕1号", "2026-11-20", "违反节约能源法", "罚款,警告", "三明市工业和信息化局"]
GOOD += ["杭州东庆科技有限公司", "330105000012345", "91330105782387229F"]
REGISTRY = """企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态
杭州东庆科技有限公司,91330105782387229F,330105000012345,782387229,,,存续
三明新登记有限公司,91350400MA0000000X,,,,,存续
"""


@pytest.fixture
def registry(tmp_path):
    path = tmp_path / "registry_20261124.csv"
    path.write_text(REGISTRY, "utf-8")
    return path


@pytest.fixture
def node(tmp_path, registry):
    handle = serve_national(tmp_path / "national", registry, poll_seconds=None)
    yield handle
    handle.stop()


def a_row(**changes):
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, GOOD, strict=True)]


def deliver(node, name, *rows, headings=HEADINGS):
    book = Workbook()
    for row in (["填报说明"], headings, *rows):
        book.active.append(row)
    book.save(node.node.folder / "inbox" / name)
    node.process()
    return feedback(node, name)


def feedback(node, name):
    book = load_workbook(node.node.folder / "feedback" / name)
    return [list(row) for row in book.active.values]


def shown(node):
    return [row["处罚决定书文号"] for row in node.node.store.shown()]


def test_a_good_row_is_shown_and_the_file_archived(node):
    verdict, headings, row = deliver(node, "CF_1.xlsx", a_row())
    assert verdict[:2] == ["处理结果", "已处理"]
    assert headings[-5:] == ["校验状态", "错误代码", "错误字段", "错误说明", "公示状态"]
    assert (row[:9], row[9], row[13]) == (GOOD, "1", "1")
    assert shown(node) == ["闽明工信罚〔2026〕1号"]
    assert [path.name for path in (node.node.folder / "archive").iterdir()] == ["CF_1.xlsx"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"处罚机关": ""}, "第4行：处罚机关不能为空", id="no authority"),
        pytest.param({"企业名称": ""}, "第4行：企业名称不能为空", id="no name"),
        pytest.param(
            {"注册号": "", "统一社会信用代码": ""}, "第4行：注册号和统一社会信用代码不能都为空", id="no number"
        ),
    ],
)
def test_one_incomplete_row_refuses_the_whole_file(node, changes, reason):
    verdict = deliver(node, "CF_1.xlsx", a_row(), a_row(**changes))[0]
    assert verdict[1:3] == ["整批退回", reason]
    assert shown(node) == []


def test_a_file_without_data_is_refused(node):
    assert deliver(node, "CF_1.xlsx")[0][2] == "请上传至少要有一条数据的文件！"


def test_a_file_with_other_headings_is_refused(node):
    assert deliver(node, "CF_1.xlsx", ["x"], headings=["名称"])[0][2] == "标题行内容不正确，请使用标准模板！"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"<html></html>"], ids=["empty", "cut off", "html"])
def test_an_unreadable_file_is_refused(node, content):
    (node.node.folder / "inbox" / "CF_1.xlsx").write_bytes(content)
    node.process()
    assert feedback(node, "CF_1.xlsx")[0][2] == "文件无法读取"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        pytest.param({"企业名称": "杭州东庆科技公司"}, "1", "企业名称", id="name not exact"),
        pytest.param({"统一社会信用代码": "91330105782387229E"}, "2", "统一社会信用代码", id="other code"),
        pytest.param({"注册号": ""}, "3", "注册号", id="registration number left out"),
        pytest.param({"处罚决定书签发日期": "2026/11/20"}, "4", "处罚决定书签发日期", id="date of another format"),
        pytest.param({"处罚种类": "罚款;警告"}, "5", "处罚种类", id="kinds joined by a semicolon"),
        pytest.param({"处罚种类": "通报批评"}, "5", "处罚种类", id="kind not in the list"),
    ],
)
def test_a_row_that_does_not_match_is_invalid_and_the_others_pass(node, changes, code, field):
    bad, good = deliver(node, "CF_1.xlsx", a_row(**changes), a_row(处罚决定书文号="2号"))[2:]
    assert (bad[9], bad[10], bad[11]) == ("0", code, field)
    assert (good[9], shown(node)) == ("1", ["2号"])


def test_long_term_is_a_date_of_its_own(node):
    headings = [
        "许可文件编号",
        "许可文件名称",
        "有效期始",
        "有效期至",
        "许可机关",
        "企业名称",
        "注册号",
        "统一社会信用代码",
    ]
    row = ["1号", "许可", "2026-01-01", "9999-09-09", "三明市工业和信息化局", *GOOD[6:]]
    assert deliver(node, "XK_1.xlsx", row, headings=headings)[2][8] == "1"


def test_a_withdrawal_removes_exactly_what_is_shown(node):
    deliver(node, "CF_1.xlsx", a_row())
    assert deliver(node, "CX_CF_2.xlsx", a_row())[2][9] == "1"
    assert shown(node) == []
    assert deliver(node, "CX_CF_3.xlsx", a_row())[2][12] == "没有可撤销的公示记录"


def test_the_same_name_is_not_processed_twice(node):
    first = deliver(node, "CF_1.xlsx", a_row())
    assert deliver(node, "CF_1.xlsx", a_row(处罚决定书文号="2号")) == first
    assert shown(node) == ["闽明工信罚〔2026〕1号"]


def test_a_feedback_that_was_lost_is_written_again(node):
    first = deliver(node, "CF_1.xlsx", a_row())
    (node.node.folder / "feedback" / "CF_1.xlsx").unlink()
    assert deliver(node, "CF_1.xlsx", a_row()) == first


def test_a_file_that_is_still_being_written_is_left_alone(node):
    (node.node.folder / "inbox" / ".CF_1.xlsx.7.tmp").write_bytes(b"half")
    assert node.process() == 0


def test_nothing_to_report_is_acknowledged(node):
    assert deliver(node, "00000001_a_无数据.xlsx", ["三明市工业和信息化局"])[0][:3] == ["处理结果", "已处理", "无数据"]


def test_an_enterprise_without_a_registration_number_matches_without_one(node):
    row = a_row(企业名称="三明新登记有限公司", 统一社会信用代码="91350400MA0000000X", 注册号="")
    assert deliver(node, "CF_1.xlsx", row)[2][9] == "1"


def test_a_restart_keeps_what_is_shown(tmp_path, node, registry):
    deliver(node, "CF_1.xlsx", a_row())
    second = serve_national(tmp_path / "national", registry, poll_seconds=None)
    assert len(second.node.store.shown()) == 1
    second.stop()
