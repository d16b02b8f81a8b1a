"""The portal channel: what the public reads over HTTP, and what is left when a process dies."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests
from messages import BUREAU, COMPANY, DEPARTMENT, KEY, a_message, an_item, declared, states

from sandbox.portal import serve_portal
from xinyong import platforms
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import Answer
from xinyong.settings import Connection
from xinyong.signing import HmacSm3

PORTAL_PENALTY = {
    "行政相对人名称": COMPANY["name"],
    "行政处罚决定书文号": "闽明工信罚〔2026〕1号",
    "违法事实": "未按规定报送能源利用状况",
    "罚款金额（万元）": None,
    "公示截止期": "2027-11-20",
    "处罚机关": BUREAU,
}


@pytest.fixture
def portal_folder(tmp_path):
    return tmp_path / "portal"


@pytest.fixture
def portal(portal_folder):
    return a_portal(portal_folder)


@pytest.fixture
def site(portal_folder):
    handle = serve_portal(portal_folder)
    yield handle
    handle.stop()


def a_portal(folder, page_size="3"):
    access = Connection("portal", "file", "", None, "", "", str(folder), {}, "")
    declaration = declared("portal").model_copy(update={"options": {"page_size": page_size}})
    return platforms.adapter(declaration, DEPARTMENT, access, HmacSm3(KEY))


def an_entry(position=1, operation="add", content="a", **changes):
    payload = PORTAL_PENALTY | {"行政处罚决定书文号": f"{position}号"} | changes
    return an_item(position, operation, payload, content, natural_key=f"{COMPANY['name']}|{position}号|2026-11-20")


def a_publication(*items, **changes):
    return a_message(*items, platform="portal", **changes)


def written_at(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "penalty").iterdir()}


def page(site, path):
    response = requests.get(site.url + path, timeout=5)
    response.encoding = "utf-8"
    return response.text


def test_the_public_reads_every_public_field(site, portal):
    message = a_publication(an_entry())
    assert portal.ask(message) is None
    portal.send(message)
    assert portal.ask(message) == [Answer(1, "accepted")]
    text = page(site, "penalty/1.html")
    assert "<dt>违法事实</dt><dd>未按规定报送能源利用状况</dd>" in text
    assert "<dt>公示截止期</dt><dd>2027-11-20</dd>" in text
    assert "罚款金额" not in text
    assert 'href="penalty/1.html">查看行政处罚信息' in page(site, "")


def test_fields_stand_in_the_order_of_the_catalogue(site, portal):
    backwards = dict(reversed(PORTAL_PENALTY.items()))  # a database keeps no order of its own
    portal.send(a_publication(an_item(payload=backwards)))
    text = page(site, "penalty/1.html")
    places = [text.index(f"<dt>{title}</dt>") for title, value in PORTAL_PENALTY.items() if value]
    assert places == sorted(places)


def test_what_looks_like_markup_is_shown_as_text(site, portal):
    portal.send(a_publication(an_entry(违法事实="<script>alert('x')</script>")))
    assert "&lt;script&gt;" in page(site, "penalty/1.html")
    assert "<script" not in page(site, "penalty/1.html")


def test_a_key_with_quotes_is_read_back(portal):
    item = dataclasses.replace(an_entry(), natural_key='三明"引号"&<公司>|1号|2026-11-20')
    portal.send(a_publication(item))
    assert portal.listing("penalty") == {item.natural_key: item.content_hash}


def test_pages_fill_and_link_to_each_other(site, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8))))
    assert [len(portal._read_page("penalty", number)) for number in (1, 2, 3)] == [3, 3, 1]
    assert 'href="3.html">较新发布' in page(site, "penalty/2.html")
    assert 'href="1.html">较早发布' in page(site, "penalty/2.html")
    assert 'href="penalty/3.html"' in page(site, "")
    assert "7</span> 条公示中" in page(site, "")


def test_a_withdrawn_record_is_gone_from_every_page_and_from_the_store(tmp_path, site, portal):
    portal.send(a_publication(an_entry(1, 违法事实="只在这里"), an_entry(2), number=1))
    message = a_publication(an_entry(1, "withdraw"), number=2)
    portal.send(message)
    assert states(portal.ask(message)) == ["accepted"]
    assert "只在这里" not in page(site, "penalty/1.html")
    assert "只在这里".encode() not in b"".join(path.read_bytes() for path in (tmp_path / "portal").rglob("*.html"))
    assert list(portal.listing("penalty")) == [an_entry(2).natural_key]


def test_an_emptied_page_disappears_and_its_neighbours_close_the_gap(site, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8)), number=1))
    portal.send(a_publication(*[an_entry(number, "withdraw") for number in (4, 5, 6)], number=2))
    assert requests.get(f"{site.url}penalty/2.html", timeout=5).status_code == 404
    assert 'href="1.html">较早发布' in page(site, "penalty/3.html")
    assert 'href="3.html">较新发布' in page(site, "penalty/1.html")


def test_an_update_changes_one_page_and_keeps_the_place(portal_folder, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8)), number=1))
    before = written_at(portal_folder)
    portal.send(a_publication(an_entry(5, "update", content="b"), number=2))
    changed = [
        path.name for path in (portal_folder / "penalty").iterdir() if path.stat().st_mtime_ns != before[path.name]
    ]
    assert changed == ["2.html"]
    assert portal.listing("penalty")[an_entry(5).natural_key] == "b" * 64


def test_the_same_message_again_changes_nothing(portal):
    message = a_publication(an_entry(), number=1)
    portal.send(message)
    portal.send(message)
    assert len(portal.listing("penalty")) == 1


def test_an_older_message_does_not_bring_back_what_a_newer_one_withdrew(portal):
    portal.send(a_publication(an_entry(1, "withdraw"), number=2))
    late = a_publication(an_entry(1), number=1)
    portal.send(late)
    assert portal.listing("penalty") == {}
    assert states(portal.ask(late)) == ["accepted"]


def test_a_process_that_died_before_the_pages_were_written_leaves_them_to_the_next(portal_folder, portal):
    message = a_publication(an_entry(1))
    with portal._alone() as store:
        store.apply(message)
    assert a_portal(portal_folder).ask(message) is None
    a_portal(portal_folder).send(message)
    assert states(portal.ask(message)) == ["accepted"]


def test_a_page_that_somebody_changed_is_noticed_and_an_emptied_folder_written_again(portal_folder, portal):
    message = a_publication(an_entry(1), number=1)
    portal.send(message)
    (portal_folder / "penalty" / "1.html").unlink()
    assert [(answer.state, answer.code) for answer in portal.ask(message)] == [("unknown", "absent")]
    (portal_folder / "index.html").unlink()
    portal.send(a_publication(number=2))
    assert states(portal.ask(message)) == ["accepted"]


def test_a_quiet_day_moves_the_date_of_checking_only(site, portal):
    portal.send(a_publication(an_entry(), number=1, day=date(2026, 11, 24)))
    assert "当日无新增" not in page(site, "")
    quiet = a_publication(number=2, day=date(2026, 11, 26))
    portal.send(quiet)
    assert portal.ask(quiet) == []
    assert '<time datetime="2026-11-26">2026-11-26</time>，当日无新增、变更或撤下' in page(site, "")
    assert '最近一次变更：<time datetime="2026-11-24">' in page(site, "")


def test_only_pages_lie_in_the_public_folder(portal_folder, portal):
    portal.send(a_publication(an_entry()))
    assert {path.suffix for path in portal_folder.rglob("*") if path.is_file()} == {".html"}


def test_pages_ask_for_nothing_outside(portal_folder, portal):
    portal.send(a_publication(an_entry()))
    for path in portal_folder.rglob("*.html"):
        assert "//" not in path.read_text("utf-8").replace("//www.w3.org", "")


def test_a_folder_that_cannot_be_used_is_an_unavailable_platform(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(PlatformUnavailable, match="cannot be used. Found: NotADirectoryError"):
        a_portal(tmp_path / "file" / "portal").send(a_publication())


def test_two_writers_of_one_portal_wait_for_each_other(portal_folder):
    messages = [a_publication(an_entry(number), number=number) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda message: a_portal(portal_folder).send(message), messages))
    assert len(a_portal(portal_folder).listing("penalty")) == 8
