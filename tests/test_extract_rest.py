"""A paged REST service over a real socket: passing troubles, lasting ones, and pages that do not add up."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from xinyong.catalogue import catalogue
from xinyong.errors import SourceUnavailable, UnexpectedShape
from xinyong.extract import deliver

FEED = catalogue().feeds["approvals_licence"]
NIGHT = date(2026, 11, 24)
OK = {"Content-Type": "application/json"}


def a_licence(number, **changes):
    return dict.fromkeys(FEED.columns, "") | {"id": f"L{number}", "documentNo": f"许{number}"} | changes


def a_page(rows, total):
    return {"code": 0, "data": {"total": total, "items": rows}}


class Service:
    """A service whose answers a test writes: by default two pages of two licences."""

    def __init__(self):
        self.pages = {1: a_page([a_licence(1), a_licence(2)], 4), 2: a_page([a_licence(3), a_licence(4)], 4)}
        self.troubles = []  # (status, headers, body) given to the next requests for a page, first come first served
        self.token = (200, OK, json.dumps({"accessToken": "t1"}))
        self.asked = []
        self.waits = 0.0

    def answer(self, method, path, query, headers):
        self.asked.append((method, path, query, headers.get("Authorization")))
        if path == "/api/token":
            return self.token
        if self.troubles:
            return self.troubles.pop(0)
        return 200, OK, json.dumps(self.pages.get(int(query["page"][0]), a_page([], 4)))

    def page_requests(self):
        return [query["page"][0] for method, _, query, _ in self.asked if method == "GET"]


@contextmanager
def served(service):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            status, headers, body = service.answer(self.command, parts.path, parse_qs(parts.query), self.headers)
            time.sleep(service.waits)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def service(monkeypatch):
    written = Service()
    with served(written) as port:
        monkeypatch.setenv("AIRFLOW_CONN_XINYONG_APPROVALS", f"http://xinyong:secret@127.0.0.1:{port}/api")
        yield written


def read(feed=FEED):
    delivery = deliver(feed, NIGHT)
    return [dict(zip(delivery.columns, row, strict=True))["id"] for row in delivery.rows]


def refusal(error=SourceUnavailable, feed=FEED):
    with pytest.raises(error) as refused:
        read(feed)
    assert type(refused.value) is not UnexpectedShape or error is UnexpectedShape
    assert str(refused.value).startswith("approvals: ") and "Expected: " in str(refused.value)
    return str(refused.value)


def in_haste(**changes):
    """Return the feed with the patience of a test."""
    return FEED.model_copy(update={"source": FEED.source.model_copy(update=changes)})


def test_pages_are_read_to_the_stated_total_with_the_token(service):
    assert read() == ["L1", "L2", "L3", "L4"]
    assert [(method, path, token) for method, path, _, token in service.asked] == [
        ("POST", "/api/token", None),
        ("GET", "/api/licences", "Bearer t1"),
        ("GET", "/api/licences", "Bearer t1"),
    ]


def test_a_service_without_records_is_an_empty_delivery(service):
    service.pages = {1: a_page([], 0)}
    assert read() == []


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param((500, OK, "{}"), id="500"),
        pytest.param((503, {"Retry-After": "0"}, "busy"), id="503 asking for a pause"),
        pytest.param((200, OK, '{"code": 0, "data": {"tot'), id="broken JSON"),
        pytest.param((200, {"Content-Type": "text/html"}, "<html>维护</html>"), id="HTML"),
        pytest.param((200, {"Content-Length": "500"}, "{}"), id="answer cut off"),
    ],
)
def test_a_passing_trouble_costs_no_record(service, trouble):
    service.troubles = [trouble]
    assert read() == ["L1", "L2", "L3", "L4"]
    assert service.page_requests() == ["1", "1", "2"]


def test_a_429_is_obeyed_for_as_long_as_it_asks(service):
    service.troubles = [(429, {"Retry-After": "1"}, "")]
    began = time.monotonic()
    assert len(read()) == 4
    assert time.monotonic() - began >= 1


def test_a_pause_longer_than_a_task_should_wait_is_left_to_the_next_try(service):
    service.troubles = [(429, {"Retry-After": "3600"}, "")]
    assert refusal().endswith("It asks for a pause of 3600 seconds.")
    assert service.page_requests() == ["1"]


@pytest.mark.parametrize(
    ("trouble", "found"),
    [
        pytest.param((500, OK, "{}"), "/licences answered with status 500", id="500"),
        pytest.param((429, {"Retry-After": "0"}, ""), "/licences answered with status 429", id="429"),
        pytest.param((200, OK, "{"), "/licences answered with broken JSON", id="broken JSON"),
        pytest.param((200, OK, " <html>"), "/licences answered with an HTML page", id="HTML"),
        pytest.param((401, OK, "{}"), "/licences answered with a refusal of the token", id="401"),
    ],
)
def test_a_lasting_trouble_is_told_after_four_tries(service, trouble, found):
    service.troubles = [trouble] * 4
    assert found in refusal() and service.page_requests() == ["1"] * 4


def test_a_service_that_does_not_answer_in_time_is_told(service):
    service.waits = 0.2
    assert "no answer from /token (ReadTimeout). Expected: an answer within 0.05 seconds" in (
        refusal(feed=in_haste(timeout_seconds=0.05))
    )


def test_a_service_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_XINYONG_APPROVALS", "http://xinyong:secret@127.0.0.1:1/api")
    message = refusal()
    assert "no answer from /token (ConnectionError)" in message and "secret" not in message


def test_an_expired_token_is_renewed(service):
    service.troubles = [(401, OK, "{}")]
    assert len(read()) == 4
    assert [path for _, path, _, _ in service.asked][:4] == ["/api/token", "/api/licences"] * 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_secret_is_told_at_once_and_names_the_setting(service, status):
    service.token = (status, OK, "{}")
    message = refusal(UnexpectedShape)
    assert f"refuses our name and secret (status {status})" in message
    assert "AIRFLOW_CONN_XINYONG_APPROVALS" in message and len(service.asked) == 1


def test_a_token_answer_without_a_token_is_told(service):
    service.token = (200, OK, '{"token": "t1"}')
    assert "the answer has no `accessToken`, only token" in refusal(UnexpectedShape)


@pytest.mark.parametrize(
    ("pages", "found"),
    [
        pytest.param([[1, 2], [1, 2]], "page 2 repeats page 1", id="the page before"),
        pytest.param([[1, 2], [3, 4], [1, 2]], "page 3 repeats page 1", id="an earlier page"),
        pytest.param([[1, 2], []], "page 2 is empty after 2 of 6 rows", id="a page vanished"),
        pytest.param([[1, 2, 3, 4], [5, 6, 7]], "7 rows up to page 2, but 6 stated", id="more than stated"),
    ],
)
def test_pages_that_do_not_add_up_are_refused(service, pages, found):
    service.pages = {at: a_page([a_licence(n) for n in rows], 6) for at, rows in enumerate(pages, 1)}
    message = refusal()
    assert (
        f"its pages do not add up. Found: {found}. Expected: each row once. Nothing of this reading is kept" in message
    )


def test_a_total_that_falls_while_it_is_read_is_refused_since_a_row_slipped_by(service):
    service.pages[2] = a_page([a_licence(4)], 3)
    assert "the total fell from 4 to 3 while it was read" in refusal()


def test_a_total_that_grows_while_it_is_read_is_followed(service):
    service.pages |= {2: a_page([a_licence(3), a_licence(4)], 5), 3: a_page([a_licence(5)], 5)}
    assert read() == ["L1", "L2", "L3", "L4", "L5"]


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        pytest.param({"phone": "1"}, "phone", id="more"),
        pytest.param({"remark": None}, "remark", id="fewer"),
    ],
)
def test_rows_that_differ_in_their_fields_are_refused(service, change, differing):
    row = {name: value for name, value in (a_licence(2) | change).items() if value is not None}
    service.pages[1] = a_page([a_licence(1), row], 4)
    with pytest.raises(UnexpectedShape) as refused:
        read()
    assert f"rows differ in their fields. Found: {differing} in some rows only" in str(refused.value)


def test_a_missing_field_is_told_before_a_row_is_given_out(service):
    service.pages = {1: a_page([{"id": "L1", "docNo": "许1"}], 1)}
    with pytest.raises(UnexpectedShape, match=r"approvals: /licences: .*is missing. Found instead: `docNo`"):
        deliver(FEED, NIGHT)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(
            {"code": 9, "message": "无权"}, "no `data.items`, only code, message", id="an error in other words"
        ),
        pytest.param([], "no `data.items`, only list", id="a list"),
        pytest.param({"data": {"items": {"id": 1}, "total": 1}}, "`data.items` is no list of records", id="an object"),
        pytest.param({"data": {"items": None, "total": 1}}, "`data.items` is no list of records", id="null"),
        pytest.param({"data": {"items": ["L1"], "total": 1}}, "`data.items` is no list of records", id="texts"),
        pytest.param({"data": {"items": [], "total": "many"}}, "`data.total` is no number", id="total in words"),
        pytest.param({"data": {"items": [], "total": None}}, "`data.total` is no number", id="no total"),
    ],
)
def test_an_answer_of_another_form_is_told(service, answer, found):
    service.pages[1] = answer
    message = refusal(UnexpectedShape)
    assert found in message and "Correct `rows` and `total` in catalogue/feeds/approvals_licence.yml" in message
