"""Open data: what the files hold, that no spreadsheet program runs them, and that the signed list proves them."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import shutil
import subprocess

import pytest
from messages import COMPANY, KEY, declared
from portals import OTHER, PENALTY, a_portal, a_publication, an_entry

from xinyong.platforms.portal_downloads import as_csv, as_json, harmless, pages_of, part_of, path
from xinyong.signing import HmacSm3, new_sm2_key, sm3

COLUMNS = ("名称", "内容")


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1", "\t=1", "\r=1", " =1", "\u200b=1"]
)
def test_a_cell_that_could_be_run_is_made_text(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["三明公司", "-3.50", "+5", "2026-11-24", "", "a=b", "第-1号"])
def test_an_ordinary_cell_stays_as_it_is(cell):
    assert harmless(cell) == cell


def test_csv_keeps_quotes_line_breaks_and_columns_apart_and_opens_in_a_spreadsheet():
    payload = {"名称": '甲"乙",丙', "内容": "第一行\n第二行\r\n;"}
    content = as_csv(COLUMNS, [payload, {"名称": "丁"}])
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows_of(content) == [payload, {"名称": "丁", "内容": ""}]


def test_json_says_what_is_shown_and_null_for_nothing():
    payloads = [{"名称": "=1+1", "内容": None}, {"名称": "</script>\u2028"}]
    read = json.loads(as_json(COLUMNS, payloads))
    assert read == [{"名称": "=1+1", "内容": None}, {"名称": "</script>\u2028", "内容": None}]
    assert json.loads(as_json(COLUMNS, [])) == []


def test_a_record_keeps_its_file_as_it_keeps_its_page():
    assert [part_of(page) for page in (1, 40, 41)] == [1, 1, 2]
    assert pages_of(2) == (41, 80)
    assert path("penalty", "2026-11", 2, "csv") == "data/penalty/penalty_2026-11_2.csv"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "portal"


def test_months_and_parts_hold_each_record_once(folder):
    items = [an_entry(number, day=f"2026-{10 + number % 2}-05") for number in range(1, 9)]
    a_portal(folder, page_size="1").send(a_publication(*items))
    found = [
        row["行政处罚决定书文号"] for file in folder.glob("data/penalty/*.csv") for row in rows_of(file.read_bytes())
    ]
    assert sorted(found) == sorted(item.payload["行政处罚决定书文号"] for item in items)
    listed = json.loads((folder / "data/penalty/penalty_2026-11.json").read_text("utf-8"))
    assert len(listed) == 4
    assert listed[0]["违法事实"] == PENALTY["违法事实"]


@pytest.mark.parametrize("signer", [HmacSm3(KEY), new_sm2_key()], ids=["HMAC-SM3", "SM2"])
def test_the_manifest_is_signed_and_names_every_file_with_its_digests(folder, signer):
    a_portal(folder, signer).send(a_publication(an_entry(1), an_entry(2, day="2026-09-01", **OTHER)))
    content = (folder / "data/manifest.json").read_bytes()
    signed = json.loads((folder / "data/manifest.sig").read_text("ascii"))
    assert signed["algorithm"] == signer.algorithm
    assert signer.verify(content, signed["signature"])
    assert not signer.verify(content.replace(b'"records": 1', b'"records": 2'), signed["signature"])
    assert ("public_key" in signed) == (signer.algorithm == "SM2")
    listed = {file["path"]: file for file in json.loads(content)["files"]}
    there = {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.glob("data/*/*")}
    assert listed.keys() == there.keys()
    for name, whole in there.items():
        assert listed[name]["bytes"] == len(whole)
        assert listed[name]["sha256"] == hashlib.sha256(whole).hexdigest()
        assert listed[name]["sm3"] == sm3(whole)


def test_who_has_only_the_public_key_can_verify_the_list(folder):
    from xinyong import chain

    a_portal(folder, new_sm2_key()).send(a_publication(an_entry(1)))
    signed = json.loads((folder / "data/manifest.sig").read_text("ascii"))
    verify = chain.sm2(signed["public_key"])
    assert verify((folder / "data/manifest.json").read_bytes(), signed["signature"])


def test_the_command_on_the_page_verifies_the_list_with_openssl_and_nothing_else(folder, tmp_path):
    a_portal(folder, new_sm2_key()).send(a_publication(an_entry(1)))
    page = html.unescape((folder / "data/index.html").read_text("utf-8"))
    command = re.search(r"openssl pkeyutl -verify [^<]*", page)[0].split()
    told = subprocess.run(command, cwd=folder / "data", capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "Signature Verified Successfully\n"), told.stderr
    for name in ("manifest.der", "public_key.pem", "manifest.json"):
        shutil.copyfile(folder / "data" / name, tmp_path / name)
    changed = (tmp_path / "manifest.json").read_bytes().replace(b'"records": 1', b'"records": 2')
    (tmp_path / "manifest.json").write_bytes(changed)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_portal_that_goes_without_a_public_key_offers_no_proof_of_the_key_before(folder):
    a_portal(folder, new_sm2_key()).send(a_publication(an_entry(1), number=1))
    assert (folder / "data/public_key.pem").exists()
    a_portal(folder).send(a_publication(an_entry(2), number=2))
    assert sorted(path.name for path in (folder / "data").glob("*.*")) == [
        "index.html",
        "manifest.json",
        "manifest.sig",
    ]
    assert "openssl" not in (folder / "data/index.html").read_text("utf-8")


def test_the_portal_is_shipped_with_a_signature_that_anybody_can_verify():
    assert declared("portal").signature == "SM2"


def test_a_month_without_records_has_no_file_and_no_entry(folder):
    portal = a_portal(folder)
    portal.send(a_publication(an_entry(1), an_entry(2, day="2026-09-01", **OTHER), number=1))
    portal.send(a_publication(an_entry(2, "withdraw", day="2026-09-01", **OTHER), number=2))
    assert [file.name for file in folder.glob("data/penalty/*.csv")] == ["penalty_2026-11.csv"]
    assert b"2026-09" not in (folder / "data/manifest.json").read_bytes()
    assert COMPANY["name"] in (folder / "data/penalty/penalty_2026-11.csv").read_text("utf-8-sig")


def test_the_page_of_downloads_tells_terms_columns_and_signature(folder):
    a_portal(folder).send(a_publication(an_entry(1)))
    page = (folder / "data/index.html").read_text("utf-8")
    for words in (
        "使用条款",
        "注明来源",
        "UTF-8 编码（带 BOM",
        "HMAC-SM3",
        'href="penalty/penalty_2026-11.csv" download',
    ):
        assert words in page
