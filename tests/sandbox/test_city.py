"""The city stand-in behaves like a platform: it checks, remembers and keeps its word after a restart."""

import json
import socket
import struct
from datetime import date
from urllib.parse import urlsplit

import pytest
import requests

from sandbox.city import serve_city
from xinyong.signing import HmacSm3

KEY = b"k" * 32
WHO = {"department": "dept", "department_code": "11350400003691230N", "secret": "s3cret", "signing_key": KEY}
PENALTY = {
    "CF_XDR_MC": "杭州东庆科技有限公司",
    "CF_XDR_LB": "法人及非法人组织",
    "CF_XDR_SHXYM": "91330105782387229F",
    "CF_WSH": "闽明工信罚〔2026〕1号",
    "CF_WFXW": "违反节约能源法",
    "CF_SY": "未按规定报送能源利用状况",
    "CF_YJ": "《节约能源法》第八十二条",
    "CF_CFLB": "罚款",
    "CF_NR": "罚款2000元",
    "CF_JDRQ": "2026/11/20",
    "CF_CFJG": "三明市工业和信息化局",
    "CF_CFJGDM": "11350400003691230N",
    "CF_SJLY": "三明市工业和信息化局",
    "CF_SJLYDM": "11350400003691230N",
}
HEADINGS = "企业名称,统一社会信用代码,注册号,组织机构代码,登记机关,管辖单位,登记状态"


@pytest.fixture
def registry(tmp_path):
    folder = tmp_path / "registry"
    folder.mkdir()
    lines = [HEADINGS, "杭州东庆科技有限公司,91330105782387229F,330105000012345,782387229,,,存续"]
    (folder / "registry_20261124.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture
def city(tmp_path, registry):
    handle = serve_city(tmp_path, registry, **WHO)
    yield handle
    handle.stop()


def token(city):
    asked = {"department": "dept", "secret": "s3cret"}
    return requests.post(f"{city.url}token", json=asked, timeout=5).json()["token"]


def post(city, rows, key="key-1", signature=None, **changes):
    batch = {"tableCode": "XZCF", "departmentCode": "11350400003691230N", "kind": "data", "body": rows} | changes
    body = json.dumps(batch).encode()
    headers = {
        "Authorization": f"Bearer {token(city)}",
        "X-Signature": signature or HmacSm3(KEY).sign(body),
        "Idempotency-Key": key,
    }
    return requests.post(f"{city.url}api/batches", data=body, headers=headers, timeout=5)


def get(city, path):
    return requests.get(f"{city.url}api/{path}", headers={"Authorization": f"Bearer {token(city)}"}, timeout=5)


def a_row(op="add", key="k1", hash="h1", **changes):
    return {"op": op, "key": key, "hash": hash, "fields": PENALTY | changes}


def test_a_good_batch_is_counted_and_shown(city):
    assert post(city, [a_row()]).json() == {
        "errorCode": 200,
        "errorMsg": "操作成功",
        "totalSize": 1,
        "successSize": 1,
        "failSize": 0,
        "unlinkedSize": 0,
        "tips": "",
    }
    assert get(city, "records/XZCF/k1").json() == {"key": "k1", "hash": "h1", "state": "1"}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        pytest.param({"CF_XDR_MC": ""}, "10002", "CF_XDR_MC", id="no name"),
        pytest.param({"CF_JDRQ": None}, "10003", "CF_JDRQ", id="no date"),
        pytest.param({"CF_JDRQ": "2026-11-20"}, "10004", "CF_JDRQ", id="date of another format"),
        pytest.param({"CF_JDRQ": "2026/02/30"}, "10004", "CF_JDRQ", id="a day that does not exist"),
        pytest.param({"CF_SY": ""}, "2", "CF_SY", id="required column empty"),
        pytest.param({"CF_XDR_SHXYM": "91330105782387229E"}, "2", "CF_XDR_SHXYM", id="wrong check character"),
        pytest.param({"CF_XDR_MC": "别的公司"}, "4", "CF_XDR_SHXYM", id="name of somebody else"),
        pytest.param({"CF_XDR_SHXYM": "11350400003691230N"}, "4", "CF_XDR_SHXYM", id="not in the base"),
    ],
)
def test_a_bad_row_is_listed_as_a_problem_and_not_shown(city, changes, code, field):
    counts = post(city, [a_row(**changes), a_row(key="k2")]).json()
    unlinked = int(code == "4")
    assert (counts["successSize"], counts["failSize"], counts["unlinkedSize"]) == (1, 1 - unlinked, unlinked)
    [problem] = get(city, "problems?batch=key-1").json()
    assert (problem["position"], problem["key"], problem["code"], problem["field"]) == (1, "k1", code, field)
    assert get(city, "records/XZCF/k1").status_code == 404


def test_the_same_key_and_body_gets_the_same_answer_and_no_second_effect(city):
    first = post(city, [a_row(hash="h1")], key="a").json()
    post(city, [a_row(hash="h2")], key="b")
    assert post(city, [a_row(hash="h1")], key="a").json() == first
    assert get(city, "records/XZCF/k1").json()["hash"] == "h2"


def test_the_same_key_with_another_body_is_refused(city):
    post(city, [a_row(hash="h1")])
    assert post(city, [a_row(hash="h2")]).status_code == 409


def test_a_withdrawn_record_is_no_longer_listed(city):
    post(city, [a_row(key="k1"), a_row(key="k2")], key="a")
    assert post(city, [a_row("withdraw", key="k1")], key="b").json()["successSize"] == 1
    assert get(city, "records/XZCF/k1").json()["state"] == "9"
    assert [record["key"] for record in get(city, "records/XZCF").json()["records"]] == ["k2"]


def test_rows_are_applied_in_their_order(city):
    post(city, [a_row(key="k1"), a_row("withdraw", key="k1"), a_row(key="k2"), a_row(key="k2", hash="h2")])
    assert get(city, "records/XZCF/k1").json()["state"] == "9"
    assert get(city, "records/XZCF/k2").json()["hash"] == "h2"


def test_withdrawing_what_is_not_there_is_a_problem(city):
    assert post(city, [a_row("withdraw", key="never")]).json()["failSize"] == 1


def test_the_listing_comes_in_pages(city):
    post(city, [a_row(key=f"k{number}") for number in range(5)])
    pages = [get(city, f"records/XZCF?page={page}&size=2").json() for page in (1, 2, 3)]
    assert [len(page["records"]) for page in pages] == [2, 2, 1]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"tableCode": ""}, 3001, id="no table"),
        pytest.param({"tableCode": "XZQZ"}, 3002, id="unknown table"),
        pytest.param({"departmentCode": ""}, 4001, id="no department"),
        pytest.param({"departmentCode": "x"}, 4002, id="unknown department"),
        pytest.param({"body": []}, 6001, id="nothing inside"),
        pytest.param({"body": "text"}, 6002, id="wrong structure"),
        pytest.param({"body": [{"op": "add"}]}, 6002, id="a row without parts"),
    ],
)
def test_a_wrong_batch_is_refused_as_a_whole(city, changes, code):
    assert post(city, [a_row()], **changes).json()["errorCode"] == code
    assert get(city, "batches/key-1").status_code == 404


@pytest.mark.parametrize(
    "asked", [{"habit": "unheard of"}, {}, ["list"]], ids=["unknown habit", "no habit", "no object"]
)
def test_a_habit_it_does_not_know_is_refused(city, asked):
    assert requests.post(f"{city.url}sandbox/habits", json=asked, timeout=5).status_code == 400


def test_nothing_to_report_is_taken_without_rows(city):
    assert post(city, [], kind="nothing_to_report", tableCode="").json()["totalSize"] == 0
    assert get(city, "batches/key-1").status_code == 200


def test_a_wrong_signature_is_refused(city):
    assert post(city, [a_row()], signature="00").status_code == 403


def test_a_token_is_needed_and_ends(tmp_path, registry):
    city = serve_city(tmp_path, registry, **WHO, token_seconds=0.0)
    try:
        assert get(city, "records/XZCF").status_code == 401
    finally:
        city.stop()


def test_a_wrong_secret_gets_no_token(city):
    asked = {"department": "dept", "secret": "guess"}
    assert requests.post(f"{city.url}token", json=asked, timeout=5).status_code == 401


def test_a_restart_keeps_what_was_taken(tmp_path, city, registry):
    post(city, [a_row()])
    second = serve_city(tmp_path, registry, **WHO)
    try:
        assert get(second, "records/XZCF/k1").json()["hash"] == "h1"
        assert get(second, "batches/key-1").json()["totalSize"] == 1
    finally:
        second.stop()


def test_the_newest_extract_of_the_registry_decides(city, registry):
    renamed = [HEADINGS, "杭州东庆科技有限公司（新）,91330105782387229F,,,,,存续"]
    (registry / "registry_20261125.csv").write_text("\n".join(renamed), "utf-8")
    post(city, [a_row()])
    assert [problem["code"] for problem in get(city, "problems?batch=key-1").json()] == ["4"]


def test_another_process_can_order_a_habit(city):
    requests.post(f"{city.url}sandbox/habits", json={"habit": "error_500"}, timeout=5)
    assert post(city, [a_row()], date=str(date(2026, 11, 24))).status_code == 500
    assert post(city, [a_row()]).status_code == 200


def test_a_client_that_is_killed_in_a_request_is_no_error_of_the_server(city, capfd):
    with socket.create_connection((urlsplit(city.url).hostname, urlsplit(city.url).port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets
        client.sendall(b"POST /token HTTP/1.1\r\n")
    requests.get(city.url, timeout=10)
    assert "Traceback" not in capfd.readouterr().err
