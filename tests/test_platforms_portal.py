"""The portal channel: what the public reads over HTTP, and what is left when a process dies."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import requests
import sqlalchemy as sa
from messages import COMPANY, an_item
from portals import OTHER, PENALTY, a_portal, a_publication, an_entry, files, found_by, mentions, subject_page

from sandbox.portal import serve_portal
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import Answer
from xinyong.platforms.portal_shelves import Shelf
from xinyong.platforms.portal_tables import FIRST_VERSION, OLD_RECORD
from xinyong.platforms.portal_trees import Draft

MONTH = "list/penalty/2026-11"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "portal"


@pytest.fixture
def portal(folder):
    return a_portal(folder)


@pytest.fixture
def site(folder):
    handle = serve_portal(folder)
    yield handle
    handle.stop()


def states(answers):
    return [answer.state for answer in answers]


def page(site, path):
    response = requests.get(site.url + path, timeout=5)
    response.encoding = "utf-8"
    return response.text


def inodes(folder):
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino for path in files(folder) if "sites" not in str(path)
    }


def test_the_public_reads_every_public_field(site, folder, portal):
    message = a_publication(an_entry())
    assert portal.ask(message) is None
    portal.send(message)
    assert portal.ask(message) == [Answer(1, "accepted")]
    text = subject_page(folder)
    assert "<dt>违法事实</dt><dd><bdi>未按规定报送能源利用状况</bdi></dd>" in text
    assert "公示至 2027-11-20" in text
    assert "罚款金额" not in text
    assert '<a href="list/penalty/index.html">行政处罚</a>' in page(site, "")
    assert 'href="2026-11/1.html">2026年11月' in page(site, "list/penalty/index.html")
    assert "2027-11-20" in page(site, f"{MONTH}/1.html")


def test_every_link_between_pages_leads_to_a_page_and_every_anchor_to_a_record(folder, portal):
    import re

    portal.send(a_publication(*map(an_entry, range(1, 10)), *[an_entry(number, **OTHER) for number in (10, 11)]))
    for path, content in files(folder).items():
        if path.suffix != ".html":
            continue
        for link in re.findall(r'(?:href|src|action)="([^"]+)"', content.decode()):
            target, _, anchor = link.split("?")[0].partition("#")
            place = (path.parent / target).resolve() if target else path
            assert place.is_file(), f"{path}: {link}"
            assert not anchor or f'id="{anchor}"' in place.read_text("utf-8"), f"{path}: {link}"


def test_fields_stand_in_the_order_of_the_catalogue(folder, portal):
    backwards = dict(reversed(PENALTY.items()))  # a database keeps no order of its own
    portal.send(a_publication(an_item(payload=backwards)))
    text = subject_page(folder)
    places = [text.index(f"<dt>{title}</dt><dd><bdi>") for title, value in PENALTY.items() if value]
    assert places[2:] == sorted(places[2:])


def test_a_record_type_needs_no_python_of_its_own(folder, portal):
    commitment = {
        "承诺人名称": OTHER["行政相对人名称"],
        "统一社会信用代码": OTHER["统一社会信用代码"],
        "承诺编码": "CN-1",
    }
    item = an_item(
        payload=commitment, record_type="commitment", natural_key="福建省沙县金桥竹木有限公司|CN-1|2026-11-02"
    )
    message = a_publication(an_entry(**OTHER), item)
    portal.send(message)
    assert states(portal.ask(message)) == ["accepted", "accepted"]
    text = subject_page(folder, OTHER["统一社会信用代码"])
    assert text.index("行政处罚（1 条）") < text.index("信用承诺（1 条）")
    assert (folder / "data" / "commitment" / "commitment_2026-11.csv").exists()
    assert portal.listing("commitment") == {item.natural_key: item.content_hash}


def test_a_subject_is_one_page_whatever_its_documents_call_it(folder, portal):
    portal.send(a_publication(an_entry(1, day="2026-11-01"), an_entry(2, 行政相对人名称="杭州东庆新科技有限公司")))
    text = subject_page(folder)
    assert "<h1><bdi>杭州东庆新科技有限公司</bdi></h1>" in text
    assert "决定书上的其他名称</dt><dd><bdi>杭州东庆科技有限公司</bdi>" in text
    assert found_by(folder, "庆新") == found_by(folder, "庆科") == ["杭州东庆新科技有限公司"]


def test_those_without_a_code_are_told_apart_by_name(folder, portal):
    nobody = "00000000000000000X"
    shops = [an_entry(at, 行政相对人名称=name, 统一社会信用代码=nobody) for at, name in enumerate(("甲店", "乙店"), 1)]
    portal.send(a_publication(*shops))
    assert "乙店" not in subject_page(folder, "甲店")


def test_zeros_in_place_of_a_code_are_read_as_words_and_downloaded_as_told(folder, portal):
    nobody = "00000000000000000X"
    portal.send(a_publication(an_entry(1, 行政相对人名称="甲店", 统一社会信用代码=nobody)))
    assert subject_page(folder, "甲店").count("未登记</dd>") == 1  # of the subject
    assert subject_page(folder, "甲店").count("<bdi>未登记</bdi>") == 1  # of the record
    assert not [path for path in mentions(folder, nobody) if "/data/" not in path]
    assert len({path.rpartition("/")[2] for path in mentions(folder, nobody)}) == 2  # CSV and JSON


def test_a_subject_that_tells_no_code_at_all_is_not_registered_either(folder, portal):
    portal.send(a_publication(an_entry(1, 行政相对人名称="甲店", 统一社会信用代码=None)))
    assert '统一社会信用代码</dt><dd class="code">未登记</dd>' in subject_page(folder, "甲店")


def test_an_open_objection_is_marked_on_the_record_and_in_the_list(folder, portal):
    if portal.face.shapes["penalty"].objection is None:
        pytest.skip("the platform file declares no objection mark")
    portal.send(a_publication(an_entry(1, 异议标注="异议处理中"), an_entry(2)))
    assert subject_page(folder).count('<strong class="mark">异议处理中</strong>') == 1
    assert (folder / MONTH / "1.html").read_text("utf-8").count("异议处理中") == 1


def test_a_key_with_quotes_and_line_breaks_is_read_back(portal):
    keys = ['三明"引号"&<公司>|1号|2026-11-20', "换\r\n行|2号|2026-11-20", "竖|线|3号|2026-11-20"]
    items = [dataclasses.replace(an_entry(at), natural_key=key) for at, key in enumerate(keys, 1)]
    message = a_publication(*items)
    portal.send(message)
    assert portal.listing("penalty") == {item.natural_key: item.content_hash for item in items}
    assert states(portal.ask(message)) == ["accepted"] * 3


def test_pages_fill_and_link_to_each_other(folder, site, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8))))
    assert [page(site, f"{MONTH}/{number}.html").count("data-key=") for number in (1, 2, 3)] == [3, 3, 1]
    assert 'rel="prev" href="1.html"' in page(site, f"{MONTH}/2.html")
    assert 'rel="next" href="3.html"' in page(site, f"{MONTH}/2.html")
    assert [subject_page(folder, page=number).count("data-key=") for number in (1, 2)] == [4, 3]
    assert "行政处罚 7 条" in subject_page(folder, page=1)
    assert '<span class="count">7</span> 条' in page(site, "")


def test_a_withdrawn_record_is_gone_from_every_file(folder, portal):
    gone = an_entry(77, 违法事实="只在这里", day="2026-10-09", **OTHER)
    portal.send(a_publication(an_entry(1), gone, number=1))
    assert len(mentions(folder, "只在这里")) == 9  # page, CSV and JSON: by the link and in both folders
    assert found_by(folder, "竹木") == [OTHER["行政相对人名称"]]
    message = a_publication(dataclasses.replace(gone, operation="withdraw"), number=2)
    portal.send(message)
    assert states(portal.ask(message)) == ["accepted"]
    assert mentions(folder, "只在这里", "〔2026〕77号", *OTHER.values(), "2026-10") == []
    assert found_by(folder, "竹木") == []
    assert list(portal.listing("penalty")) == [an_entry(1).natural_key]


def test_a_restored_record_is_back_everywhere(folder, portal):
    portal.send(a_publication(an_entry(1, **OTHER), an_entry(2), number=1))
    before = {path: content for path, content in files(folder).items() if path.parts[-2] == "terms"}
    portal.send(a_publication(an_entry(1, "withdraw", **OTHER), number=2))
    portal.send(a_publication(an_entry(1, "restore", **OTHER), number=3))
    assert found_by(folder, "竹木") == [OTHER["行政相对人名称"]]
    assert {path: files(folder)[path] for path in before} == before
    assert len(portal.listing("penalty")) == 2


def test_everything_withdrawn_leaves_an_empty_portal(folder, portal):
    items = [*map(an_entry, range(1, 8)), an_entry(9, **OTHER)]
    portal.send(a_publication(*items, number=1))
    portal.send(a_publication(*[dataclasses.replace(item, operation="withdraw") for item in items], number=2))
    left = {path.relative_to(folder).as_posix() for path in files(folder) if folder in path.parents}
    assert {path for path in left if path.startswith(("subject/", "search/", f"{MONTH}/", "data/penalty"))} == set()
    assert portal.listing("penalty") == {}
    assert "暂无公示信息" in (folder / "list/penalty/index.html").read_text("utf-8")


def test_the_first_page_of_a_subject_stays_as_long_as_there_is_a_later_one(folder, portal):
    items = [an_entry(number) for number in range(1, 7)]
    portal.send(a_publication(*items, number=1))
    withdrawn = [dataclasses.replace(item, operation="withdraw") for item in items]
    portal.send(a_publication(*withdrawn[:4], number=2))
    assert subject_page(folder, page=1).count("data-key=") == 0
    assert subject_page(folder, page=2).count("data-key=") == 2
    portal.send(a_publication(*withdrawn[4:], number=3))
    assert mentions(folder, COMPANY["name"]) == []


def test_every_page_of_a_subject_tells_how_many_records_there_are(folder, portal):
    portal.send(a_publication(*map(an_entry, range(1, 7)), number=1))
    portal.send(a_publication(an_entry(7), number=2))
    assert all("行政处罚 7 条" in subject_page(folder, page=page) for page in (1, 2))


def test_an_empty_first_page_of_a_subject_is_there_when_all_is_written_anew(folder, portal):
    portal.send(a_publication(*map(an_entry, range(1, 7)), number=1))
    portal.send(a_publication(*[an_entry(number, "withdraw") for number in range(1, 5)], number=2))
    (folder / "index.html").unlink()
    portal.send(a_publication(number=3))
    assert subject_page(folder, page=1).count("data-key=") == 0


def test_an_emptied_page_disappears_and_its_neighbours_close_the_gap(site, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8)), number=1))
    portal.send(a_publication(*[an_entry(number, "withdraw") for number in (4, 5, 6)], number=2))
    assert requests.get(f"{site.url}{MONTH}/2.html", timeout=5).status_code == 404
    assert 'rel="prev" href="1.html"' in page(site, f"{MONTH}/3.html")
    assert 'rel="next" href="3.html"' in page(site, f"{MONTH}/1.html")


def test_an_update_rewrites_the_files_it_touches_and_no_other(folder, portal):
    portal.send(a_publication(*map(an_entry, range(1, 8)), an_entry(9, day="2026-09-01", **OTHER), number=1))
    before = inodes(folder)
    portal.send(a_publication(an_entry(6, "update", content="b", 违法事实="另一事实"), number=2))
    after = inodes(folder)
    assert after.keys() == before.keys()
    subject = next(path for path in after if path.startswith("subject/") and path.endswith("-2.html"))
    assert {path for path in after if after[path] != before[path]} == {
        f"{MONTH}/2.html",
        subject,
        "search.html",
        *(f"data/penalty/penalty_2026-11.{kind}" for kind in ("csv", "json")),
        "data/manifest.json",
        "data/manifest.sig",
    } | ({"data/index.html"} if after["data/index.html"] != before["data/index.html"] else set())
    assert portal.listing("penalty")[an_entry(6).natural_key] == "b" * 64


def test_a_record_that_moves_to_another_subject_or_month_leaves_the_old_one(folder, portal):
    key = "某企业|1号|"
    portal.send(a_publication(an_entry(1, key=key, 处罚决定日期="2026-10-01"), number=1))
    portal.send(a_publication(an_entry(1, "update", "b", key=key, 处罚决定日期="2026-11-01", **OTHER), number=2))
    assert mentions(folder, COMPANY["name"], COMPANY["uscc"], "2026-10") == []
    assert "2026-11-01" in subject_page(folder, OTHER["统一社会信用代码"])
    assert portal.listing("penalty") == {key: "b" * 64}


def test_the_same_message_again_changes_nothing(folder, portal):
    message = a_publication(an_entry(), number=1)
    portal.send(message)
    before = inodes(folder)
    portal.send(message)
    assert len(portal.listing("penalty")) == 1
    assert inodes(folder) == before


def test_withdrawn_and_told_again_in_one_message_is_shown(portal):
    portal.send(a_publication(an_entry(1), number=1))
    items = [an_entry(1, "withdraw"), dataclasses.replace(an_entry(1, "restore", "c"), position=2)]
    message = a_publication(*items, number=2)
    portal.send(message)
    assert portal.listing("penalty") == {items[0].natural_key: "c" * 64}


def test_an_older_message_does_not_bring_back_what_a_newer_one_withdrew(portal):
    portal.send(a_publication(an_entry(1, "withdraw"), number=2))
    late = a_publication(an_entry(1), number=1)
    portal.send(late)
    assert portal.listing("penalty") == {}
    assert states(portal.ask(late)) == ["accepted"]


def test_a_process_that_died_before_the_pages_were_written_leaves_them_to_the_next(folder, portal):
    message = a_publication(an_entry(1))
    with portal._alone() as store:
        store.apply(message)
    assert a_portal(folder).ask(message) is None
    a_portal(folder).send(message)
    assert states(a_portal(folder).ask(message)) == ["accepted"]


class Power(Exception):
    """Raised where the process is made to die."""


@pytest.mark.parametrize("files_before_death", [0, 3, 9])
def test_a_reader_sees_no_half_state_and_a_dead_writer_leaves_none(folder, files_before_death, monkeypatch):
    portal = a_portal(folder)
    portal.send(a_publication(an_entry(1), an_entry(2, **OTHER), number=1))
    before = {path: content for path, content in files(folder).items() if folder in path.parents}
    left, write = [files_before_death], Draft.write

    def dying(draft, path, content):
        left[0] -= 1
        if left[0] < 0:
            raise Power
        write(draft, path, content)

    message = a_publication(an_entry(2, "withdraw", **OTHER), an_entry(3), number=2)
    with monkeypatch.context() as patched, pytest.raises(Power):
        patched.setattr(Draft, "write", dying)
        portal.send(message)
    assert {path: path.read_bytes() for path in before} == before  # the public still reads the state before
    a_portal(folder).send(message)
    assert mentions(folder, *OTHER.values()) == []
    assert states(a_portal(folder).ask(message)) == ["accepted", "accepted"]
    one, other = (folder.with_name("portal.sites") / name for name in "ab")
    assert {path.relative_to(one): path.read_bytes() for path in one.rglob("*.*")} == {
        path.relative_to(other): path.read_bytes() for path in other.rglob("*.*")
    }


def test_a_process_that_died_between_the_switch_and_its_end_leaves_the_rest_to_the_next(folder, portal):
    from xinyong.platforms.portal_trees import Trees

    portal.send(a_publication(an_entry(1), an_entry(2, **OTHER), number=1))
    message = a_publication(an_entry(2, "withdraw", **OTHER), number=2)
    with portal._alone() as store:
        store.apply(message)
        portal._write(store, Trees(folder).other())
    assert mentions(folder, OTHER["行政相对人名称"]) != []  # still in the folder that is not public any more
    a_portal(folder).send(message)
    assert mentions(folder, *OTHER.values()) == []


def test_a_page_that_somebody_changed_is_noticed_and_told_anew(folder, portal):
    message = a_publication(an_entry(1), number=1)
    portal.send(message)
    next((folder / "subject").rglob("*.html")).unlink()
    assert [(answer.state, answer.code) for answer in portal.ask(message)] == [("unknown", "absent")]
    again = a_publication(an_entry(1), number=2)
    portal.send(again)
    assert states(portal.ask(again)) == ["accepted"]


def test_what_somebody_put_back_keeps_a_withdrawal_open(folder, portal):
    portal.send(a_publication(an_entry(1), an_entry(2), number=1))
    kept = (folder / MONTH / "1.html").read_bytes()
    message = a_publication(an_entry(1, "withdraw"), number=2)
    portal.send(message)
    (folder / MONTH / "1.html").write_bytes(kept)
    assert [(answer.state, answer.text) for answer in portal.ask(message)] == [("unknown", "门户页面上还有本条记录")]
    with pytest.raises(PlatformUnavailable, match="1 files of .* another hand"):
        portal.listing("penalty")
    portal.send(a_publication(number=3))
    assert set(portal.listing("penalty")) == {an_entry(2).natural_key}


def removed(page):
    page.unlink()


def written_over(page):
    page.write_text("别人写的", "utf-8")


def put_there(page):
    (page.parent / "another.html").write_text("别人写的", "utf-8")


@pytest.mark.parametrize("reach", [removed, written_over, put_there])
@pytest.mark.parametrize("nights", [0, 1], ids=["at once", "a night later"])
def test_a_hand_in_any_public_file_is_seen_and_the_next_message_writes_all_anew(folder, portal, reach, nights):
    portal.send(a_publication(an_entry(1), number=1))
    page = next((folder / "subject").rglob("*.html"))
    whole, name = page.read_bytes(), page.relative_to(folder)
    reach(page)
    for number in range(nights):
        portal.send(a_publication(number=2 + number))
    for _ in range(2):  # it stays so until a message is written
        with pytest.raises(PlatformUnavailable, match="files of .* another hand"):
            portal.listing("penalty")
    portal.send(a_publication(number=9))
    assert set(portal.listing("penalty")) == {an_entry(1).natural_key}
    assert (folder / name).read_bytes() == whole
    assert not (folder / name).with_name("another.html").exists()


@pytest.mark.parametrize("lost", ["index.html", "everything"])
def test_an_emptied_folder_is_written_again(folder, portal, lost):
    import shutil

    message = a_publication(an_entry(1), number=1)
    portal.send(message)
    if lost == "everything":
        shutil.rmtree(folder.with_name("portal.sites"))
        folder.unlink()
    else:
        (folder / "index.html").unlink()
    portal.send(a_publication(number=2))
    assert states(portal.ask(message)) == ["accepted"]
    assert found_by(folder, "东庆") == [COMPANY["name"]]


def test_a_link_that_somebody_led_elsewhere_is_led_back(tmp_path, folder, portal):
    message = a_publication(an_entry(1), number=1)
    portal.send(message)
    folder.unlink()
    folder.symlink_to(tmp_path)
    portal.send(a_publication(number=2))
    assert states(portal.ask(message)) == ["accepted"]
    assert folder.readlink().parent.name == "portal.sites"


def test_a_changed_declaration_rewrites_every_page(folder, portal):
    portal.send(a_publication(an_entry(1), number=1))
    face = dataclasses.replace(portal.face, title="另一门户")
    dataclasses.replace(portal, face=face).send(a_publication(number=2))
    assert "另一门户" in subject_page(folder)
    assert mentions(folder, f"<title>{portal.face.title}") == []


DIGEST = """
from portals import a_portal
from pathlib import Path
print(a_portal(Path("portal")).face.digest())
"""


def test_another_process_sees_the_same_design(tmp_path):
    def seen(seed):
        around = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", DIGEST]
        return subprocess.run(command, cwd=tmp_path, env=around, check=True, capture_output=True, text=True).stdout

    own = a_portal(tmp_path / "portal").face.digest()
    assert seen("1") == seen("2") == f"{own}\n"  # else half of all nights would write every page again


def test_a_folder_and_store_of_the_first_version_are_taken_over(folder, portal):
    engine = sa.create_engine(f"sqlite:///{folder.with_name('portal.sqlite')}", poolclass=sa.NullPool)
    FIRST_VERSION.create_all(engine)
    shown, gone = an_entry(1), an_entry(2)
    rows = [
        {
            "record_type": "penalty",
            "key": shown.natural_key,
            "number": 1,
            "page": 1,
            "hash": "a" * 64,
            "payload": shown.payload,
        },
        {"record_type": "penalty", "key": gone.natural_key, "number": 2, "page": None, "hash": None, "payload": None},
    ]
    with engine.begin() as connection:
        connection.execute(sa.insert(OLD_RECORD), rows)
    folder.mkdir()
    (folder / "index.html").write_text("first version", "utf-8")
    quiet = a_publication(number=3)
    portal.send(quiet)
    assert portal.listing("penalty") == {shown.natural_key: shown.content_hash}
    assert folder.is_symlink()
    portal.send(a_publication(an_entry(2), number=1, key="late"))  # older than its withdrawal
    assert list(portal.listing("penalty")) == [shown.natural_key]


def test_a_quiet_day_moves_the_date_of_checking_only(site, portal):
    portal.send(a_publication(an_entry(), number=1, day=date(2026, 11, 24)))
    assert "当日无新增" not in page(site, "")
    quiet = a_publication(number=2, day=date(2026, 11, 26))
    portal.send(quiet)
    assert portal.ask(quiet) == []
    assert '<time datetime="2026-11-26">2026-11-26</time>，当日无新增、变更或撤下' in page(site, "")
    assert '最近一次变更：<time datetime="2026-11-24">' in page(site, "")


def test_only_the_site_lies_in_the_public_folder(folder, portal):
    portal.send(a_publication(an_entry()))
    kinds = {path.suffix for path in files(folder)}
    assert kinds == {".html", ".css", ".js", ".json", ".sig", ".csv"}


def test_a_folder_that_cannot_be_used_is_an_unavailable_platform(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(PlatformUnavailable, match=r"cannot be used. Found: \w+Error"):
        a_portal(tmp_path / "file" / "portal").send(a_publication())


def test_two_writers_of_one_portal_wait_for_each_other(folder):
    messages = [a_publication(an_entry(number), number=number) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as writers:
        list(writers.map(lambda message: a_portal(folder).send(message), messages))
    assert len(a_portal(folder).listing("penalty")) == 8


def test_a_shelf_fills_its_last_page_and_names_the_neighbours_of_a_gap():
    shelf = Shelf(2, {1: 2, 2: 1, 3: 1}, frozenset({1, 2, 3}))
    shelf.remove(2)
    assert shelf.add() == 3
    assert shelf.add() == 4
    assert shelf.disturbed() == {1, 3, 4}
