"""
The city credit platform (信用三明), as far as a department sees it: JSON over HTTP.

Token and signature, idempotency keys, answers with counts only, a problem list that must be asked for, subjects matched
against its own registration base. `POST /sandbox/habits` makes it misbehave (see sandbox/habits.py).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox import city_soap
from sandbox.city_checks import TABLES, UNLINKED, WRONG, Finding, finding
from sandbox.city_store import SHOWN, CityStore, is_shown, keep_batch, keep_record, withdraw
from sandbox.habits import Habits
from sandbox.registration_base import RegistrationBase
from sandbox.server import Server
from xinyong.signing import HmacSm3, Signer

Reply = tuple[int, Any]

ROW_PARTS = {"op", "key", "hash", "fields"}
DONE = {"errorCode": 200, "errorMsg": "操作成功"}


@dataclass(slots=True)
class City:
    """The platform behind its web service."""

    store: CityStore
    base: RegistrationBase
    department: str
    department_code: str
    secret: str = field(repr=False)
    signer: Signer
    token_seconds: float = 3600.0
    slow_seconds: float = 3.0
    habits: Habits = field(default_factory=Habits)
    _tokens: dict[str, float] = field(default_factory=dict, repr=False)
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def token(self, asked: dict[str, Any]) -> Reply:
        if asked.get("department") != self.department or asked.get("secret") != self.secret:
            return 401, {"errorCode": 4002, "errorMsg": "部门不存在"}
        token = secrets.token_hex(16)
        self._tokens[token] = time.monotonic() + self.token_seconds
        return 200, {"token": token, "expires_in": self.token_seconds}

    def knows(self, token: str) -> bool:
        return self._tokens.get(token, 0.0) > time.monotonic()

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def receive(self, content: bytes, signature: str, key: str, half: bool = False) -> Reply:
        """Take a batch once; the same key with the same content gets the answer it got before."""
        if not self.signer.verify(content, signature):
            return 403, {"errorCode": 403, "errorMsg": "签名校验不通过"}
        if not key:
            return 400, {"errorCode": 400, "errorMsg": "缺少任务编号"}
        body_hash = hashlib.sha256(content).hexdigest()
        with self._one_at_a_time:
            if before := self.store.batch(key):
                return (200, before[1]) if before[0] == body_hash else (409, {"errorCode": 409, "errorMsg": "任务重复"})
            return self._process(content, body_hash, key, half)

    def _process(self, content: bytes, body_hash: str, key: str, half: bool) -> Reply:
        try:
            batch = json.loads(content)
        except ValueError:
            return 200, {"errorCode": 5001, "errorMsg": "JSON解析失败"}
        if refusal := _refusal(batch, self.department_code):
            return 200, refusal
        rows = batch["body"]
        taken = rows[: len(rows) // 2] if half else rows
        with self.store.transaction() as connection:
            problems = self._apply(connection, batch["tableCode"], taken)
            counts = _counts(len(rows), len(taken), problems)
            keep_batch(connection, key, body_hash, counts, problems)
        return 200, counts

    def _apply(self, connection: Any, table_code: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Apply row by row and return the problem list; a row with a problem changes nothing."""
        problems = []
        for position, row in enumerate(rows, start=1):
            found = self._finding(connection, table_code, row)
            if found:
                reason = {"code": found.code, "field": found.field, "text": found.text}
                problems.append({"position": position, "key": row["key"], **reason})
            elif row["op"] == "withdraw":
                withdraw(connection, table_code, row["key"])
            else:
                kept = {"key": row["key"], "hash": row["hash"], "fields": row["fields"]}
                keep_record(connection, {"table_code": table_code, "state": SHOWN, **kept})
        return problems

    def _finding(self, connection: Any, table_code: str, row: dict[str, Any]) -> Finding | None:
        if row["op"] != "withdraw":
            return finding(TABLES[table_code], row["fields"], self.base)
        if is_shown(connection, table_code, row["key"]):
            return None
        return Finding(WRONG, None, "该信息不在可撤销的时间范围之内或者不存在")


def _refusal(batch: Any, department_code: str) -> dict[str, Any] | None:
    """Return why a batch is refused as a whole, in the codes of the platform's interface."""
    if not isinstance(batch, dict) or not _is_rows(batch.get("body")):
        return {"errorCode": 6002, "errorMsg": "JSON格式不正确"}
    if not batch.get("departmentCode"):
        return {"errorCode": 4001, "errorMsg": "部门编码不能为空"}
    if batch["departmentCode"] != department_code:
        return {"errorCode": 4002, "errorMsg": "部门不存在"}
    if batch.get("kind") == "nothing_to_report":
        return None if not batch["body"] else {"errorCode": 6002, "errorMsg": "JSON格式不正确"}
    return _table_refusal(batch)


def _is_rows(body: Any) -> bool:
    """Say whether these are rows: each with operation, key, hash and fields."""
    return isinstance(body, list) and all(isinstance(row, dict) and ROW_PARTS.issubset(row) for row in body)


def _table_refusal(batch: dict[str, Any]) -> dict[str, Any] | None:
    if not batch.get("tableCode"):
        return {"errorCode": 3001, "errorMsg": "目录编码不能为空"}
    if batch["tableCode"] not in TABLES:
        return {"errorCode": 3002, "errorMsg": "目录编码不存在"}
    if not batch["body"]:
        return {"errorCode": 6001, "errorMsg": "目录数据结构体不能为空"}
    return None


def _counts(total: int, taken: int, problems: list[dict[str, Any]]) -> dict[str, Any]:
    unlinked = sum(problem["code"] == UNLINKED for problem in problems)
    sizes = {"totalSize": total, "successSize": taken - len(problems), "failSize": len(problems) - unlinked}
    tips = f"未关联{unlinked}条；失败明细见疑问数据" if problems else ""
    return DONE | sizes | {"unlinkedSize": unlinked, "tips": tips}


@dataclass(slots=True)
class CityHandle:
    """A running city platform."""

    city: City
    server: Server
    thread: threading.Thread
    url: str

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.city.store.close()


def serve_city(
    var: Path,
    registry: Path | None,
    port: int = 0,
    *,
    department: str,
    department_code: str,
    secret: str,
    signing_key: bytes,
    token_seconds: float = 3600.0,
    slow_seconds: float = 3.0,
    host: str = "127.0.0.1",
    verifier: Signer | None = None,
) -> CityHandle:
    """Start the platform; what it knows lies in `var`/city.sqlite. It checks HMAC-SM3 unless given a `verifier`."""
    store = CityStore(var / "city.sqlite")
    city = City(
        store=store,
        base=RegistrationBase(registry),
        department=department,
        department_code=department_code,
        secret=secret,
        signer=verifier or HmacSm3(signing_key),
        token_seconds=token_seconds,
        slow_seconds=slow_seconds,
    )
    server = Server((host, port), _handler(city))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return CityHandle(city, server, thread, f"http://127.0.0.1:{server.server_address[1]}/")


def _handler(city: City) -> type[BaseHTTPRequestHandler]:
    """Return the request handler of one platform."""

    class Handler(CityHandler):
        platform = city

    return Handler


class CityHandler(BaseHTTPRequestHandler):
    """Speaks HTTP for the platform, with the habit of the moment."""

    platform: City
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET", b"")

    def do_POST(self) -> None:
        self._serve("POST", self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a request line carries a record's key."""

    def _serve(self, method: str, content: bytes) -> None:
        call = city_soap.call(content) if self.path == city_soap.PATH else None
        habit = self.platform.habits.take(call.request() if call else f"{method} {self.path}")
        if habit in INSTEAD:
            INSTEAD[habit](self)
            return
        if habit == "forgets_token":
            self.platform.forget_tokens()
        status, answer = self._called(call, habit) if call else self._answer(method, content, habit)
        if habit == "slow":
            time.sleep(self.platform.slow_seconds)
        if habit == "loses_answer":
            self.close_connection = True
            return
        text = json.dumps(answer, ensure_ascii=False)
        if call:
            status, text = 200, city_soap.enveloped(call.operation, status, answer)
        with suppress(ConnectionError):  # who asked may have gone
            self.reply(status, text[: len(text) // 2] if habit == "broken_json" else text)

    def _called(self, call: city_soap.Call, habit: str | None) -> Reply:
        """Answer a call in an envelope: the account stands in each."""
        account = {"department": call.header.get("loginName"), "secret": call.header.get("password")}
        if self.platform.token(account)[0] != 200:
            return 401, {"errorMsg": "部门不存在"}
        if call.operation == city_soap.UPLOAD:
            signature, key = call.header.get("signature", ""), call.header.get("rwbh", "")
            return self.platform.receive(call.argument.encode(), signature, key, half=habit == "accepts_half")
        return self._look_up(*call.question(), habit)

    def _answer(self, method: str, content: bytes, habit: str | None) -> Reply:
        parts = urlsplit(self.path)
        names = [unquote(name) for name in parts.path.strip("/").split("/")]
        if names == ["token"] or names[0] == "sandbox":
            return self._open(names, content)
        if not self.platform.knows(self.headers.get("Authorization", "").removeprefix("Bearer ")):
            return 401, {"errorCode": 401, "errorMsg": "令牌无效或已过期"}
        if method == "POST" and names == ["api", "batches"]:
            signature, key = self.headers.get("X-Signature", ""), self.headers.get("Idempotency-Key", "")
            return self.platform.receive(content, signature, key, half=habit == "accepts_half")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self._look_up(names[1:], query, habit) if method == "GET" and names[0] == "api" else (404, {})

    def _open(self, names: list[str], content: bytes) -> Reply:
        """Answer what needs no token."""
        try:
            asked = json.loads(content or b"{}")
            if names == ["token"]:
                return self.platform.token(asked)
            self.platform.habits.expect(asked["habit"], asked.get("times", 1), asked.get("on", "POST /api/batches"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return 400, {"errorCode": 5001, "errorMsg": f"JSON解析失败：{error}"}
        return 200, DONE

    def _look_up(self, names: list[str], query: dict[str, str], habit: str | None) -> Reply:
        store = self.platform.store
        match names:
            case ["batches", key]:
                batch = store.batch(key)
                return (200, batch[1]) if batch else (404, {})
            case ["problems"]:
                return 200, store.problems(query.get("batch", "")) * (2 if habit == "repeats_problems" else 1)
            case ["records", table_code]:
                listed = store.listing(table_code, int(query.get("page", "1")), int(query.get("size", "100")))
                return 200, _doubled(listed) if habit == "doubles_listing" else listed
            case ["records", table_code, key]:
                record = store.record(table_code, key)
                return (200, record) if record else (404, {})
        return 404, {}

    def reply(self, status: int, text: str, kind: str = "application/json", **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _doubled(listed: dict[str, Any]) -> dict[str, Any]:
    return {"total": 2 * listed["total"], "records": [*listed["records"], *listed["records"]]}


def _hang_up(handler: CityHandler) -> None:
    handler.close_connection = True


INSTEAD: dict[str, Callable[[CityHandler], None]] = {
    "down": _hang_up,
    "error_500": lambda handler: handler.reply(500, '{"errorCode": 500, "errorMsg": "服务器内部错误"}'),
    "busy_429": lambda handler: handler.reply(429, "{}", Retry_After="1"),
    "maintenance_503": lambda handler: handler.reply(503, "<title>系统维护</title>", "text/html", Retry_After="3600"),
    "html": lambda handler: handler.reply(200, "<!DOCTYPE html><title>系统维护</title>", "text/html"),
    "clock_ahead": lambda handler: handler.reply(401, '{"errorCode": 401, "errorMsg": "令牌无效或已过期"}'),
    "refuses_key": lambda handler: handler.reply(409, '{"errorCode": 409, "errorMsg": "任务重复"}'),
    "denies": lambda handler: handler.reply(404, "{}"),
}
