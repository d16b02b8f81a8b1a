"""The page on which a file is judged before it is delivered: behind the sign-in, bounded, and nothing of it stays."""

from __future__ import annotations

import http.client
import io
import tempfile
import threading
import time
import warnings
from pathlib import Path

import pytest
import requests
from files import PENALTY_HEADINGS, a_penalty_row, a_workbook
from openpyxl import load_workbook
from test_precheck import left_behind

pytestmark = pytest.mark.proofs  # Airflow's API takes seconds to import, so only those who ask for the page do
PLACE = "/xinyong/check/"


@pytest.fixture(scope="module")
def page():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one of Airflow's own dependencies imports a deprecated client for tests
        from xinyong import check_page
    return check_page


@pytest.fixture(scope="module")
def server(page):
    """Serve the page as Airflow mounts it."""
    import uvicorn
    from fastapi import FastAPI

    import xinyong_plugin

    whole = FastAPI()
    (declared,) = xinyong_plugin.XinyongPlugin.fastapi_apps
    whole.mount(declared["url_prefix"], declared["app"])
    running = uvicorn.Server(uvicorn.Config(whole, port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join()


@pytest.fixture
def signed_in(server, page):
    page.app.dependency_overrides[page.get_user] = lambda: None
    yield f"http://127.0.0.1:{server}{PLACE}"
    page.app.dependency_overrides.clear()


def posted(url, name, content, feed="safety_penalty"):
    before = set(Path(tempfile.gettempdir()).glob("xinyong-check-*"))
    answer = requests.post(url, data={"feed": feed}, files={"file": (name, content)}, timeout=120)
    assert set(Path(tempfile.gettempdir()).glob("xinyong-check-*")) <= before
    return answer


def test_nobody_gets_in_without_a_sign_in_and_nothing_of_a_body_is_looked_at(server):
    url = f"http://127.0.0.1:{server}{PLACE}"
    assert requests.get(url, timeout=30).status_code == 401
    assert posted(url, "a.xlsx", b"x").status_code == 401


def test_the_page_offers_the_feeds_that_are_files(signed_in):
    answer = requests.get(signed_in, timeout=30)
    assert answer.status_code == 200
    assert 'value="safety_penalty"' in answer.text
    assert "approvals_licence" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_what_is_too_large_or_no_file_is_refused_before_it_is_read(signed_in, server, page):
    asked = http.client.HTTPConnection("127.0.0.1", server, timeout=30)
    asked.putrequest("POST", PLACE)
    asked.putheader("Content-Length", str(page.LARGEST + 1))
    asked.endheaders()
    assert asked.getresponse().status == 413
    asked.close()
    assert requests.post(signed_in, data=iter([b"x"]), timeout=30).status_code == 413, "a length that is not said"
    assert requests.post(signed_in, data={"feed": "safety_penalty"}, timeout=30).status_code == 422
    assert posted(signed_in, "a.xlsx", b"x", feed="approvals_licence").status_code == 422


def test_a_file_that_is_none_is_answered_in_words_and_nothing_stays(signed_in, environment):
    answer = posted(signed_in, "..\\..\\<b>月.xlsx", b"PK\x03\x04 no workbook")
    assert answer.status_code == 422
    assert "&lt;b&gt;月.xlsx：文件已损坏或不完整" in answer.text and "Expected" not in answer.text
    assert str(environment) not in answer.text and "Traceback" not in answer.text
    assert left_behind() == {}


def test_a_file_with_findings_comes_back_annotated(signed_in, environment):
    path = a_workbook(environment / "九月.xlsx", [a_penalty_row(cf_sy="无")], PENALTY_HEADINGS)
    answer = posted(signed_in, path.name, path.read_bytes())
    assert answer.status_code == 200, answer.text
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[1] == "检查结果"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert left_behind() == {}


def test_what_is_hidden_in_a_good_file_is_told(signed_in, environment):
    book = load_workbook(
        a_workbook(environment / "a.xlsx", [a_penalty_row(), a_penalty_row(cf_wsh="闽明工信罚〔2026〕2号")])
    )
    book["行政处罚"].row_dimensions[4].hidden = True
    book.save(environment / "a.xlsx")
    answer = posted(signed_in, "a.xlsx", (environment / "a.xlsx").read_bytes())
    assert (answer.status_code, "仍已读取）：共 1 行（第4行）" in answer.text) == (200, True), answer.text


def test_a_check_that_breaks_off_is_answered_in_a_sentence(signed_in, environment, page, monkeypatch):
    monkeypatch.setattr(page, "_COMMAND", page._COMMAND.replace("app()", "raise KeyError('350402199001010012')"))
    answer = posted(signed_in, "a.xlsx", b"x")
    assert answer.status_code == 500
    assert "程序出错（KeyError）" in answer.text
    assert "Traceback" not in answer.text and "19900101" not in answer.text


@pytest.mark.parametrize(
    ("name", "kept"),
    [("九月.XLSX", "九月.xlsx"), ("..", "file"), ("\0\n.csv", "csv"), ("长" * 300 + ".xlsx", "长" * 60 + ".xlsx")],
)
def test_a_file_keeps_its_name_as_far_as_a_file_system_takes_it(page, name, kept):
    assert page._kept_name(name) == kept
