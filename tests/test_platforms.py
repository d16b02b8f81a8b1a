"""Each channel against its stand-in over a real socket or folder, with every bad habit a platform is known for."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest

from openpyxl import load_workbook

from sandbox.city import serve_city
from sandbox.national import serve_national
from xinyong import platforms
from xinyong.catalogue import catalogue
from xinyong.catalogue.department import Department
from xinyong.errors import MessageRefused, PlatformUnavailable
from xinyong.platforms import Answer, Item, Message
from xinyong.platforms.feedback import read_feedback
from xinyong.platforms.file import sheets
from xinyong.platforms.service import Counts, Problem, ServiceAdapter, batch_body, judged
from xinyong.platforms.session import Session
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

BUREAU = "三明市工业和信息化局"
CODE = "11350400003691230N"
KEY = b"k" * 32
COMPANY = {"name": "杭州东庆科技有限公司", "uscc": "91330105782387229F", "number": "330105000012345"}
HEADINGS = "企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态"
CITY_PENALTY = {
    "CF_XDR_MC": COMPANY["name"],
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": COMPANY["uscc"],
    "CF_WSH": "闽明工信罚〔2026〕1号",
    "CF_WFXW": "违反节约能源法",
    "CF_SY": "未按规定报送能源利用状况",
    "CF_YJ": "《节约能源法》第八十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款2000元",
    "CF_JDRQ": "2026/11/20",
    "CF_CFJG": BUREAU,
    "CF_CFJGDM": CODE,
    "CF_SJLY": BUREAU,
    "CF_SJLYDM": CODE,
    "BZ": None,
}
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
DEPARTMENT = Department(name=BUREAU, uscc=CODE, sections={}, authorities={CODE: BUREAU})


def an_item(position=1, operation="add", payload=None, content="a", **changes):
    return Item(
        position=position,
        record_type=changes.get("record_type", "penalty"),
        record_id=f"00000000-0000-0000-0000-{position:012}",
        operation=operation,
        reason="expired" if operation == "withdraw" else None,
        natural_key=changes.get("natural_key", f"{COMPANY['name']}|闽明工信罚〔2026〕{position}/2号|2026-11-20"),
        content_hash=(content * 64)[:64],
        payload=CITY_PENALTY if payload is None else payload,
    )


def a_message(*items, number=1, platform="city", key=None, day=date(2026, 11, 24)):
    return Message(
        platform=platform,
        number=number,
        business_date=day,
        kind="data" if items else "nothing_to_report",
        record_type=items[0].record_type if items else None,
        idempotency_key=key or f"{platform}-{number:08}",
        items=items,
    )


@pytest.fixture
def registry(tmp_path):
    folder = tmp_path / "registry"
    folder.mkdir()
    company = f"{COMPANY['name']},{COMPANY['uscc']},{COMPANY['number']},782387229,,,存续"
    (folder / "registry_20261124.csv").write_text(f"{HEADINGS}\n{company}\n", "utf-8")
    return folder


@pytest.fixture
def city(tmp_path, registry):
    access = {"department": "dept", "department_code": CODE, "secret": "s3cret", "signing_key": KEY}
    handle = serve_city(tmp_path, registry, **access, slow_seconds=1.5)
    yield handle
    handle.stop()


@pytest.fixture
def service(city):
    return a_service(city.url)


def a_service(url, secret="s3cret", key=KEY):
    session = Session("city", url, "dept", secret, timeout=1.0)
    return ServiceAdapter(session, CODE, {"penalty": "XZCF", "licence": "XZXK"}, HmacSm3(key))


def states(answers):
    return [answer.state for answer in answers]


# The service channel


def test_a_message_is_told_and_its_receipts_are_read(service):
    message = a_message(an_item(1), an_item(2))
    assert service.ask(message) is None
    service.send(message)
    assert service.ask(message) == [Answer(1, "accepted"), Answer(2, "accepted")]


def test_a_listed_item_is_rejected_with_code_field_and_text(service):
    message = a_message(an_item(7, payload=CITY_PENALTY | {"CF_JDRQ": "2026-11-20"}), an_item(9))
    service.send(message)
    rejected, accepted = service.ask(message)
    assert rejected == Answer(7, "rejected", "10004", "CF_JDRQ", "【CF_JDRQ】：不是标准的日期格式]")
    assert accepted == Answer(9, "accepted")


def test_an_unknown_subject_is_rejected_as_unlinked(service):
    message = a_message(an_item(payload=CITY_PENALTY | {"CF_XDR_MC": "没有登记的公司"}))
    service.send(message)
    assert service.ask(message)[0].code == "4"


def test_a_quiet_day_is_said_explicitly(service):
    message = a_message()
    service.send(message)
    assert service.ask(message) == []


def test_the_listing_follows_additions_updates_and_withdrawals(service):
    first, second = an_item(1), an_item(2)
    service.send(a_message(first, second, number=1))
    changed = dataclasses.replace(second, operation="update", content_hash="c" * 64)
    service.send(a_message(dataclasses.replace(first, operation="withdraw"), changed, number=2))
    assert service.listing("penalty") == {second.natural_key: "c" * 64}
    assert service.listing("licence") == {}


@pytest.mark.parametrize(
    ("habit", "found"),
    [
        pytest.param("down", "no answer", id="down"),
        pytest.param("error_500", "HTTP 500", id="500"),
        pytest.param("busy_429", "HTTP 429 that asks for a pause of 1 s", id="429"),
        pytest.param("html", "an HTML page", id="html"),
    ],
)
def test_without_an_effect_the_message_is_unknown_and_can_be_sent_again(city, service, habit, found):
    city.city.habits.expect(habit)
    message = a_message(an_item())
    with pytest.raises(PlatformUnavailable, match=found):
        service.send(message)
    assert service.ask(message) is None
    service.send(message)
    assert states(service.ask(message)) == ["accepted"]


@pytest.mark.parametrize("habit", ["slow", "loses_answer", "broken_json"])
def test_after_a_lost_answer_asking_finds_the_receipts(city, service, habit):
    city.city.habits.expect(habit)
    message = a_message(an_item(1), an_item(2, payload=CITY_PENALTY | {"CF_SY": None}))
    with pytest.raises(PlatformUnavailable, match="asked for before it is sent again"):
        service.send(message)
    while service.ask(message) is None:  # the slow platform may still be at work
        pass
    assert states(service.ask(message)) == ["accepted", "rejected"]


def test_a_batch_is_posted_once_however_bad_the_answer(city, service):
    city.city.habits.expect("error_500", times=2)
    with pytest.raises(PlatformUnavailable):
        service.send(a_message(an_item()))
    assert city.city.habits.take("POST /api/batches") == "error_500"


@pytest.mark.parametrize("habit", ["down", "error_500", "busy_429"])
def test_asking_is_repeated_by_itself(city, service, habit):
    message = a_message(an_item())
    service.send(message)
    city.city.habits.expect(habit, on="GET /api/problems")
    assert states(service.ask(message)) == ["accepted"]


@pytest.mark.parametrize("habit", ["html", "broken_json"])
def test_an_unreadable_receipt_says_so(city, service, habit):
    message = a_message(an_item())
    service.send(message)
    city.city.habits.expect(habit, on="GET /api/batches")
    with pytest.raises(PlatformUnavailable, match="Expected: an answer in JSON"):
        service.ask(message)


def test_half_a_batch_is_settled_by_asking_for_each_record(city, service):
    city.city.habits.expect("accepts_half")
    message = a_message(an_item(1), an_item(2))
    service.send(message)
    accepted, missing = service.ask(message)
    assert accepted == Answer(1, "accepted")
    assert (missing.state, missing.code) == ("unknown", "absent")


def test_a_problem_listed_twice_is_one_problem(city, service):
    message = a_message(an_item(1, payload=CITY_PENALTY | {"CF_SY": None}), an_item(2))
    service.send(message)
    city.city.habits.expect("repeats_problems", on="GET /api/problems")
    assert states(service.ask(message)) == ["rejected", "accepted"]


def test_an_ended_token_is_renewed_once(city, service):
    service.send(a_message(an_item(), number=1))
    city.city.forget_tokens()
    service.send(a_message(an_item(2), number=2))
    city.city.token_seconds = 0.0
    city.city.forget_tokens()
    with pytest.raises(PlatformUnavailable, match="HTTP 401"):
        service.send(a_message(an_item(3), number=3))


def test_a_refused_secret_is_named_but_not_shown(city):
    with pytest.raises(PlatformUnavailable, match="POST /token") as caught:
        a_service(city.url, secret="wr0ng").send(a_message(an_item()))
    assert "wr0ng" not in str(caught.value)


def test_a_wrong_signature_refuses_the_message(city):
    with pytest.raises(MessageRefused, match="HTTP 403"):
        a_service(city.url, key=b"o" * 32).send(a_message(an_item()))


def test_another_content_under_the_same_key_is_refused(service):
    service.send(a_message(an_item(1), key="same"))
    with pytest.raises(MessageRefused, match="HTTP 409"):
        service.send(a_message(an_item(2), key="same"))


def test_a_code_for_the_whole_message_refuses_it_in_words(city):
    service = a_service(city.url)
    service.table_codes = {"penalty": "XZQZ"}
    with pytest.raises(MessageRefused, match=r"code 3002 \(目录编码不存在\)"):
        service.send(a_message(an_item()))


def test_nobody_listening_is_an_unavailable_platform(city):
    service = a_service(city.url)
    city.server.shutdown()
    city.server.server_close()
    with pytest.raises(PlatformUnavailable, match="no answer") as caught:
        service.ask(a_message(an_item()))
    assert COMPANY["name"] not in str(caught.value)


def test_counts_and_list_that_disagree_leave_the_rest_unknown():
    message = a_message(an_item(1), an_item(2), an_item(3))
    listed = Problem(position=1, key=message.items[0].natural_key, code="2")
    for counts in (
        Counts(errorCode=200, totalSize=3, successSize=3),
        Counts(errorCode=200, totalSize=2, successSize=1, failSize=1),
    ):
        assert states(judged(message, counts, [listed])) == ["rejected", "unknown", "unknown"]


def test_a_problem_of_another_record_settles_nothing():
    message = a_message(an_item(1), an_item(2))
    counts = Counts(errorCode=200, totalSize=2, successSize=1, failSize=1)
    stray = Problem(position=1, key="somebody else", code="2")
    assert states(judged(message, counts, [stray])) == ["unknown", "unknown"]


def test_a_message_is_always_the_same_bytes_and_a_withdrawal_carries_no_fields():
    message = a_message(an_item(operation="withdraw"))
    assert batch_body(message, "XZCF", CODE) == batch_body(message, "XZCF", CODE)
    assert b"CF_SY" not in batch_body(message, "XZCF", CODE)


# The file channel


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


def declared(name):
    return catalogue().platforms[name]


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
