"""The file channel in XML packages: switched in the platform's file, one bad row stays alone, feedback is checked."""

from __future__ import annotations

import re
import shutil
import zipfile

import pytest
from defusedxml import ElementTree
from messages import BUREAU, COMPANY, DEPARTMENT, KEY, a_message, a_registry, an_item, states

from sandbox.national import serve_national
from sandbox.national_packages import PackageNode
from tests.conftest import PROJECT
from xinyong import platforms
from xinyong.catalogue import catalogue
from xinyong.errors import PlatformUnavailable
from xinyong.platforms.package import INSIDE
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

PAYLOAD = {
    "处罚决定书文号": "闽明工信罚〔2026〕1号",
    "处罚决定书签发日期": "2026-11-20",
    "违法行为类型": "违反节约能源法 <第八十二条> & 其他",
    "处罚种类": "罚款",
    "处罚机关": BUREAU,
    "企业名称": COMPANY["name"],
    "注册号": COMPANY["number"],
    "统一社会信用代码": COMPANY["uscc"],
}


@pytest.fixture
def declared(tmp_path):
    """The national platform, declared as a receiver of packages: one line more in national.yml and nothing else."""
    shutil.copytree(PROJECT / "catalogue", tmp_path / "catalogue")
    file = tmp_path / "catalogue" / "platforms" / "national.yml"
    text, count = re.subn(r"(?m)^options:$", "options:\n  form: xml\n  receiver: GSXT-FJ", file.read_text("utf-8"))
    assert count == 1
    file.write_text(text, "utf-8")
    return catalogue(tmp_path / "catalogue").platforms["national"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "national"


@pytest.fixture
def node(tmp_path, folder):
    handle = serve_national(folder, a_registry(tmp_path), poll_seconds=None)
    yield PackageNode(handle.node)
    handle.stop()


def an_adapter(declared, folder, **options):
    changed = declared.model_copy(update={"options": declared.options | options})
    access = Connection("national", "file", "", None, "", "", str(folder), {}, folder.as_uri())
    return platforms.adapter(changed, DEPARTMENT, access, HmacSm3(KEY))


def a_penalty(position=1, operation="add", **changes):
    payload = PAYLOAD | {"处罚决定书文号": f"闽明工信罚〔2026〕{position}号"} | changes
    return an_item(position, operation, payload)


def packages(folder, place="inbox"):
    found = sorted((folder / place).glob("*.zip"))
    return [ElementTree.fromstring(zipfile.ZipFile(path).read(INSIDE)) for path in found]


def test_a_package_has_head_and_body_and_is_the_same_every_time(declared, folder, node):
    channel, message = an_adapter(declared, folder), a_message(a_penalty(1), a_penalty(2, "withdraw"))
    assert channel.ask(message) is None
    channel.send(message)
    (file,) = (folder / "inbox").iterdir()
    before = file.read_bytes()
    (package,) = packages(folder)
    head = {element.tag: element.text for element in package.find("head")}
    assert (head["receiver"], head["resource"], head["count"], head["number"]) == ("GSXT-FJ", "CF", "2", "1")
    assert [row.get("operation") for row in package.iterfind("body/row")] == ["add", "delete"]
    fields = {field.get("name"): field.text for field in package.find("body/row")}
    assert fields["违法行为类型"] == PAYLOAD["违法行为类型"]
    file.unlink()
    channel.send(message)
    assert file.read_bytes() == before


def test_the_feedback_says_what_was_taken_and_one_bad_row_stays_alone(declared, folder, node):
    channel = an_adapter(declared, folder)
    message = a_message(a_penalty(1), a_penalty(2, 处罚决定书签发日期="2026/11/20"), a_penalty(3, 处罚机关=""))
    channel.send(message)
    assert {answer.code for answer in channel.ask(message)} == {"waiting"}
    assert node.process() == 1
    accepted, misspelt, lacking = channel.ask(message)
    assert accepted.state == "accepted"
    assert (misspelt.state, misspelt.code, misspelt.field) == ("rejected", "4", "处罚决定书签发日期")
    assert (lacking.state, lacking.field) == ("rejected", "处罚机关")
    channel.send(message)
    assert node.process() == 0, "what was delivered is not delivered twice"
    gone = a_message(a_penalty(1, "withdraw"), number=2)
    channel.send(gone)
    node.process()
    assert states(channel.ask(gone)) == ["accepted"]
    assert node.node.store.shown() == []


def test_a_message_is_divided_so_that_no_package_is_larger_than_declared(declared, folder, node):
    channel = an_adapter(declared, folder, max_bytes="1500")
    message = a_message(*[a_penalty(at) for at in range(1, 8)])
    channel.send(message)
    sizes = [zipfile.ZipFile(path).getinfo(INSIDE).file_size for path in (folder / "inbox").iterdir()]
    assert len(sizes) > 2 and max(sizes) < 1500 + 600, "the head comes on top"
    node.process()
    assert states(channel.ask(message)) == ["accepted"] * 7


def test_a_text_that_xml_cannot_carry_is_left_out_in_words(declared, folder, node):
    channel, message = an_adapter(declared, folder), a_message(a_penalty(1), a_penalty(2, 违法行为类型="\x07"))
    channel.send(message)
    node.process()
    taken, left_out = channel.ask(message)
    assert (taken.state, left_out.state, left_out.field) == ("accepted", "rejected", "违法行为类型")


def test_a_quiet_day_is_a_package_without_rows(declared, folder, node):
    channel = an_adapter(declared, folder)
    channel.send(a_message())
    assert packages(folder)[0].findtext("head/count") == "0"
    node.process()
    assert channel.ask(a_message()) == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK"], ids=["empty", "a page", "half"])
def test_a_feedback_that_cannot_be_read_leaves_everything_open(declared, folder, node, content):
    channel, message = an_adapter(declared, folder), a_message(a_penalty(1))
    channel.send(message)
    (file,) = (folder / "inbox").iterdir()
    (folder / "feedback" / file.name).write_bytes(content)
    with pytest.raises(PlatformUnavailable, match="is not readable"):
        channel.ask(message)


def test_a_feedback_whose_counts_do_not_add_up_settles_nothing(declared, folder, node):
    channel, message = an_adapter(declared, folder), a_message(a_penalty(1), a_penalty(2))
    channel.send(message)
    node.process()
    (file,) = (folder / "feedback").iterdir()
    text = zipfile.ZipFile(file).read(INSIDE).replace(b"<accepted>2<", b"<accepted>1<")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(INSIDE, text)
    assert {answer.code for answer in channel.ask(message)} == {"counts"}


def test_a_package_that_arrived_damaged_is_refused_as_a_whole(declared, folder, node):
    channel, message = an_adapter(declared, folder), a_message(a_penalty(1))
    channel.send(message)
    (file,) = (folder / "inbox").iterdir()
    file.write_bytes(file.read_bytes()[:60])
    node.process()
    (answer,) = channel.ask(message)
    assert (answer.code, answer.text) == ("file_refused", "接收方整包退回：数据包无法读取")


def test_a_folder_that_is_away_is_said(declared, tmp_path):
    with pytest.raises(PlatformUnavailable, match="no `inbox` in it"):
        an_adapter(declared, tmp_path / "nowhere").send(a_message(a_penalty(1)))
