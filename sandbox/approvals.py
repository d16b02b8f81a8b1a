"""
The approvals system: licences over HTTP, page by page, behind a token, with the moods of a real service.

Its content follows `state.json` at once. Pages are computed when asked for, so a large register costs no memory.
Habits of every night: the first token soon expires, the 2nd page request is answered 429, the 4th 500; `misbehave`
adds worse.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as clock
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.dice import Dice
from sandbox.feed_records import FeedRecords
from sandbox.records import Record
from sandbox.server import Server
from sandbox.spelling import spelled
from sandbox.story import DOWN, day_of

CLIENT = "xinyong"
LARGEST_PAGE = 500
FIELDS = {
    "applicantName": "XK_XDR_MC",
    "applicantType": "XK_XDR_LB",
    "creditCode": "XK_XDR_SHXYM",
    "registrationNo": "XK_XDR_GSZC",
    "orgCode": "XK_XDR_ZZJG",
    "taxNo": "XK_XDR_SWDJ",
    "institutionNo": "XK_XDR_SYDW",
    "socialOrgNo": "XK_XDR_SHZZ",
    "legalPerson": "XK_FRDB",
    "legalPersonIdType": "XK_FR_ZJLX",
    "legalPersonIdNo": "XK_FR_ZJHM",
    "idType": "XK_XDR_ZJLX",
    "idNo": "XK_XDR_ZJHM",
    "documentTitle": "XK_XKWS",
    "documentNo": "XK_WSH",
    "licenceClass": "XK_XKLB",
    "certificateName": "XK_XKZS",
    "certificateNo": "XK_XKBH",
    "content": "XK_NR",
    "decisionDate": "XK_JDRQ",
    "validFrom": "XK_YXQZ",
    "validTo": "XK_YXQZI",
    "authorityName": "XK_XKJG",
    "authorityCode": "XK_XKJGDM",
    "status": "XK_ZT",
    "sourceUnit": "XK_LYDW",
    "sourceUnitCode": "XK_LYDWDM",
    "remark": "BZ",
}
MOODS = (
    "normal",
    "error_500",
    "too_many_429",
    "timeout",
    "broken_json",
    "html",
    "repeat_page",
    "vanish_page",
    "down",
)
_FIRST_TOKEN_PAGES, _TOKEN_SECONDS, _TOKEN_PAGES = 3, 300, 500
_EARLY_429, _EARLY_500, _EVERY_429, _EVERY_500 = 2, 4, 89, 97
_RETRY_AFTER = "1"
_PAGE_FOR_PEOPLE = "<html><head><title>系统维护</title></head><body><h1>系统维护中，请稍后再试</h1></body></html>"

Source = Callable[[], tuple[object, FeedRecords] | None]


class Denied(Exception):
    """Raised when a request gets an answer other than 200."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


@dataclass(slots=True)
class Mood:
    """How the service feels: a misbehaviour, for how many requests, about which page."""

    name: str = "normal"
    times: int | None = None
    page: int = 2

    def take(self, page: int) -> str:
        """Return the misbehaviour this request meets, and count it."""
        concerns_page = self.name in ("repeat_page", "vanish_page")
        if self.name == "normal" or self.times == 0 or (concerns_page and page != self.page):
            return "normal"
        if self.times is not None:
            self.times -= 1
        return self.name


@dataclass(slots=True)
class Approvals:
    """The service behind its web server."""

    source: Source
    secret: str = field(repr=False)
    mood: Mood = field(default_factory=Mood)
    hang_seconds: float = 30.0
    requests: int = 0
    _seen: object = None
    _tokens: dict[str, tuple[float, int]] = field(default_factory=dict, repr=False)
    _is_first_token: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def misbehave(self, mood: str, times: int | None = None, page: int = 2) -> None:
        """Change the mood; the misbehaviour ends after `times` page requests, or when it is changed."""
        if mood not in MOODS:
            raise ValueError(f"The mood {mood!r} is not known. Expected: one of {', '.join(MOODS)}.")
        with self._lock:
            self.mood = Mood(mood, times, page)

    def token(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Hand out a token."""
        self.records()
        if asked.get("clientId") != CLIENT or asked.get("clientSecret") != self.secret:
            raise Denied(401, "BAD_CLIENT", "客户端标识或密钥不正确")
        token = secrets.token_hex(16)
        with self._lock:
            pages = _FIRST_TOKEN_PAGES if self._is_first_token else _TOKEN_PAGES
            self._is_first_token = False
            self._tokens[token] = (time.monotonic() + _TOKEN_SECONDS, pages)
        return {"accessToken": token, "tokenType": "Bearer", "expiresIn": _TOKEN_SECONDS}

    def page(self, token: str, number: int, size: int) -> dict[str, Any]:
        """Return a page of licences."""
        records = self.records()
        self._use(token)
        self._be_moody()
        size = max(1, min(size, LARGEST_PAGE))
        total = len(records)
        start = (max(1, number) - 1) * size
        return {
            "code": 0,
            "message": "ok",
            "data": {
                "page": number,
                "size": size,
                "total": total,
                "pages": -(-total // size),
                "items": [item(record, records) for record in records.slice(start, start + size)],
            },
        }

    def records(self) -> FeedRecords:
        """Look at the world; a new state begins with a first token and a first request."""
        found = self.source()
        if found is None:
            raise Denied(503, "NOT_READY", "系统初始化中")
        seen, records = found
        with self._lock:
            if seen != self._seen:
                self._seen, self.requests, self._is_first_token = seen, 0, True
                self._tokens.clear()
        if records.state.condition == DOWN:
            raise Denied(503, "DOWN", "系统维护")
        return records

    def _use(self, token: str) -> None:
        with self._lock:
            ends, pages = self._tokens.get(token, (0.0, 0))
            if ends < time.monotonic() or pages < 1:
                raise Denied(401, "TOKEN_EXPIRED", "令牌已失效，请重新获取")
            self._tokens[token] = (ends, pages - 1)

    def _be_moody(self) -> None:
        """Refuse some requests for no reason that the caller could know."""
        with self._lock:
            self.requests += 1
            number = self.requests
        if number == _EARLY_429 or number % _EVERY_429 == 0:
            raise Denied(429, "TOO_MANY", "请求过于频繁", **{"Retry-After": _RETRY_AFTER})
        if number == _EARLY_500 or number % _EVERY_500 == 0:
            raise Denied(500, "INTERNAL", "服务器内部错误")


def source_key(index: int) -> str:
    """Return the system's own id of a licence."""
    return f"XK{index + 1:08d}"


def item(record: Record, records: FeedRecords) -> dict[str, str | None]:
    """Write a licence as the service does."""
    fields = spelled(record.fields, Dice(records.seed, "spelling", records.feed, record.index))
    entered = datetime.combine(record.decided + timedelta(days=1), clock(10, record.index % 60))
    changed = datetime.combine(day_of(record.changed_on), clock(9, 30)) if record.changed_on else entered
    return {
        "id": source_key(record.index),
        **{name: fields[code] for name, code in FIELDS.items()},
        "updatedAt": f"{changed.isoformat()}+08:00",
    }


@dataclass(slots=True)
class ApprovalsHandle:
    """A running service; `url` is where its API begins, `connection` the same with its client and secret."""

    approvals: Approvals
    server: Server
    thread: threading.Thread
    url: str

    @property
    def connection(self) -> str:
        return self.url.replace("://", f"://{CLIENT}:{self.approvals.secret}@", 1)

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def serve_approvals(
    source: Source, port: int = 0, *, secret: str, hang_seconds: float = 30.0, host: str = "127.0.0.1"
) -> ApprovalsHandle:
    """Start the service."""
    approvals = Approvals(source, secret, hang_seconds=hang_seconds)
    handler = type("Handler", (ApprovalsHandler,), {"approvals": approvals})
    server = Server((host, port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return ApprovalsHandle(approvals, server, thread, f"http://127.0.0.1:{server.server_address[1]}/api")


class ApprovalsHandler(BaseHTTPRequestHandler):
    """Speaks HTTP for the service, in the mood of the moment."""

    approvals: Approvals
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the night's own progress is what people watch."""

    def _answer(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Denied as denied:
            if denied.code == "DOWN":
                self._send(denied.status, _PAGE_FOR_PEOPLE, "text/html; charset=utf-8")
                return
            self._json(denied.status, {"code": denied.code, "message": str(denied)}, denied.headers)

    def _post(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        asked = json.loads(raw or b"{}")
        path = urlsplit(self.path).path
        if path == "/api/token":
            self._json(200, self.approvals.token(asked))
        elif path == "/control" and asked.get("clientSecret") == self.approvals.secret:
            self.approvals.misbehave(asked["mode"], asked.get("times"), asked.get("page", 2))
            self._json(200, {"mode": asked["mode"]})
        else:
            raise Denied(404, "NOT_FOUND", "接口不存在")

    def _get(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/api/licences":
            raise Denied(404, "NOT_FOUND", "接口不存在")
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        try:
            number, size = int(asked.get("page", "1")), int(asked.get("size", "100"))
        except ValueError:
            raise Denied(400, "BAD_REQUEST", "page、size应为数字") from None
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        self._page(token, number, size)

    def _page(self, token: str, number: int, size: int) -> None:
        mood = self.approvals.mood.take(number)
        self._refuse(mood)
        content = self.approvals.page(token, number - 1 if mood == "repeat_page" else number, size)
        if mood == "repeat_page":
            content["data"]["page"] = number
        if mood == "vanish_page":
            content["data"]["items"] = []
        text = json.dumps(content, ensure_ascii=False)
        self._send(200, text[: len(text) // 2] if mood == "broken_json" else text, "application/json; charset=utf-8")

    def _refuse(self, mood: str) -> None:
        """Answer in place of the service when the mood is bad enough."""
        if mood == "timeout":
            time.sleep(self.approvals.hang_seconds)
        elif mood == "error_500":
            raise Denied(500, "INTERNAL", "服务器内部错误")
        elif mood == "too_many_429":
            raise Denied(429, "TOO_MANY", "请求过于频繁", **{"Retry-After": _RETRY_AFTER})
        elif mood in ("down", "html"):
            raise Denied(503 if mood == "down" else 200, "DOWN", "系统维护")

    def _json(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(content, ensure_ascii=False), "application/json; charset=utf-8", headers)

    def _send(self, status: int, text: str, kind: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
