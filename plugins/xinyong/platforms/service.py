"""
The service channel: JSON over HTTP, or in SOAP envelopes (`soap.py`), answered with counts only.

Which rows were taken follows from the problem list: accepted is what is not listed, as long as counts and list
agree. Where they contradict each other, each record is asked for by its key.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from xinyong.catalogue.department import Department
from xinyong.catalogue.platforms import Platform
from xinyong.errors import MessageRefused, PlatformUnavailable
from xinyong.platforms import ABSENT, NOT_XML, OTHER_CONTENT, STILL_SHOWN, Answer, Item, Message
from xinyong.platforms.session import Session
from xinyong.settings import Connection
from xinyong.signing import Signer

T = TypeVar("T")

SUCCESS, INTERNAL_ERROR = 200, 500
MEANINGS = {
    INTERNAL_ERROR: "服务器内部错误",
    5001: "JSON解析失败",
    3001: "目录编码不能为空",
    3002: "目录编码不存在",
    4001: "部门编码不能为空",
    4002: "部门不存在",
    6001: "目录数据结构体不能为空",
    6002: "JSON格式不正确",
}
SHOWN = "1"  # state of a record in publicity; a withdrawn one is 9 or not known at all
PAGE_SIZE = 500


class Counts(BaseModel):
    """All that the platform says about a batch by itself; records without a known subject are counted apart."""

    errorCode: int
    totalSize: int = 0
    successSize: int = 0
    failSize: int = 0
    unlinkedSize: int = 0


class Problem(BaseModel):
    """One row of the problem list (疑问数据); `position` counts the rows of the batch from 1."""

    position: int
    key: str
    code: str
    field: str | None = None
    text: str | None = None


class Shown(BaseModel):
    """A record as the platform holds it."""

    key: str
    hash: str
    state: str


class Page(BaseModel):
    """A part of the listing of one table."""

    total: int
    records: list[Shown]


COUNTS = TypeAdapter(Counts)
PROBLEMS = TypeAdapter(list[Problem])
SHOWN_RECORD = TypeAdapter(Shown)
PAGE = TypeAdapter(Page)


def batch_body(message: Message, table_code: str, department_code: str) -> bytes:
    """Write a message as the service takes it; the same message is always the same bytes."""
    body = {
        "messageNumber": message.number,
        "tableCode": table_code,
        "departmentCode": department_code,
        "businessDate": message.business_date.isoformat(),
        "kind": message.kind,
        "body": [_row(item) for item in message.items],
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return NOT_XML.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text).encode()  # so that an envelope can hold it too


def _row(item: Item) -> dict[str, Any]:
    fields = {} if item.operation == "withdraw" else item.payload
    row = {"op": item.operation, "key": item.natural_key, "hash": item.content_hash, "fields": fields}
    return row | ({"reason": item.reason} if item.reason else {})


def judged(message: Message, counts: Counts, problems: list[Problem]) -> list[Answer]:
    """Derive the answer per item; what is not listed is accepted only when counts and list tell the same story."""
    keys = dict(enumerate((item.natural_key for item in message.items), start=1))
    listed = {problem.position: problem for problem in problems}  # the list may repeat itself
    rejected = {row: problem for row, problem in listed.items() if keys.get(row) == problem.key}
    agree = (
        len(rejected) == len(listed)
        and counts.totalSize == len(keys)
        and counts.failSize + counts.unlinkedSize == len(listed)
        and counts.successSize == len(keys) - len(listed)
    )
    return [_answer(item, rejected.get(row), agree) for row, item in enumerate(message.items, start=1)]


def _answer(item: Item, problem: Problem | None, agree: bool) -> Answer:
    if problem:
        return Answer(item.position, "rejected", problem.code, problem.field, problem.text)
    if agree:
        return Answer(item.position, "accepted")
    return Answer(item.position, "unknown", "counts", None, "平台的计数与疑问数据清单不一致，尚不能确定本条是否入库")


def held(item: Item, shown: Shown | None) -> Answer:
    """Derive the answer to one item from what the platform holds under its key."""
    present = shown is not None and shown.state == SHOWN
    if item.operation == "withdraw":
        if not present:
            return Answer(item.position, "accepted")
        return Answer(item.position, "unknown", STILL_SHOWN, None, "平台仍在公示本条记录")
    if shown is None or not present:
        return Answer(item.position, "unknown", ABSENT, None, "平台批次已处理，但按主键查询无此记录")
    if shown.hash == item.content_hash:
        return Answer(item.position, "accepted")
    return Answer(item.position, "unknown", OTHER_CONTENT, None, "平台上的记录内容与本次报送不一致")


def service_adapter(platform: Platform, department: Department, access: Connection, signer: Signer) -> ServiceAdapter:
    """Build the adapter from what the catalogue declares and where the platform is reached."""
    scheme = "https" if access.kind == "https" else "http"
    port = f":{access.port}" if access.port else ""
    session = _session(platform)(
        platform=platform.name,
        url=f"{scheme}://{access.host}{port}{access.path}",
        department=access.login,
        secret=access.password,
        timeout=float(platform.options.get("timeout_seconds", "30")),
    )
    tables = {name: taken.table_code for name, taken in platform.records.items()}
    return ServiceAdapter(session, department.uscc, tables, signer)


def _session(platform: Platform) -> Callable[..., Session]:
    """Return what speaks with the platform: JSON over HTTP, or envelopes where it declares `form: soap`."""
    if platform.options.get("form") != "soap":
        return Session
    from xinyong.platforms.soap import SERVICE, SoapSession

    return partial(SoapSession, service=platform.options.get("service", SERVICE))


@dataclass(slots=True)
class ServiceAdapter:
    """The city platform's web service."""

    session: Session
    department_code: str
    table_codes: Mapping[str, str]
    signer: Signer

    def send(self, message: Message) -> list[Answer] | None:
        """Post a batch; where the counts say that every row was taken, that is the answer, and no list is needed."""
        table_code = self.table_codes[message.record_type] if message.record_type else ""
        body = batch_body(message, table_code, self.department_code)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Signature": self.signer.sign(body),
            "Idempotency-Key": message.idempotency_key,
        }
        try:
            answer = self.session.tell("/api/batches", body, headers)
        except MessageRefused as refused:
            if not refused.is_key_used or self._batch(message) is not None:
                raise
            return [self._settled_by_key(item) for item in message.items]
        counts = self._read(COUNTS, answer, "the answer to a batch")
        self._refuse_unless_taken(message, counts.errorCode)
        answers = judged(message, counts, [])
        return None if any(answer.state == "unknown" for answer in answers) else answers

    def ask(self, message: Message) -> list[Answer] | None:
        key = message.idempotency_key
        answer = self._batch(message)
        if answer is None:
            return None
        counts = self._read(COUNTS, answer, "the counts of a batch")
        problems = self._read(PROBLEMS, self.session.ask("/api/problems", batch=key), "the problem list")
        answers = judged(message, counts, problems)
        return [self._by_key(item, answer) for item, answer in zip(message.items, answers, strict=True)]

    def listing(self, record_type: str) -> dict[str, str] | None:
        """Return what the table holds; a key that is listed more than once has its count in place of a hash."""
        found: dict[str, str] = {}
        counted: Counter[str] = Counter()
        page, total = 0, 1
        while page * PAGE_SIZE < total:
            page += 1
            path = f"/api/records/{self.table_codes[record_type]}"
            answer = self.session.ask(path, page=str(page), size=str(PAGE_SIZE))
            part = self._read(PAGE, answer, f"page {page} of the listing")
            for shown in part.records:
                counted[shown.key] += 1
                found[shown.key] = shown.hash if counted[shown.key] == 1 else f"×{counted[shown.key]}"
            total = part.total
        if counted.total() != total:
            raise self._contradiction("the listing", f"{counted.total()} records", f"{total}, as its pages say")
        return found

    def _settled_by_key(self, item: Item) -> Answer:
        """
        Ask for a record of a message whose key the platform holds for used although it does not know the message.

        What it does not hold is rejected: the next delta tells it in a new message, with a key of its own.
        """
        answer = self._by_key(item, Answer(item.position, "unknown"))
        if answer.code != ABSENT:
            return answer
        return replace(
            answer, state="rejected", text="平台拒绝重复使用任务编号，且按主键查询无此记录；将以新报文重新报送"
        )

    def _batch(self, message: Message) -> Any | None:
        return self.session.ask(f"/api/batches/{quote(message.idempotency_key, safe='')}")

    def _by_key(self, item: Item, answer: Answer) -> Answer:
        if answer.state != "unknown":
            return answer
        path = f"/api/records/{self.table_codes[item.record_type]}/{quote(item.natural_key, safe='')}"
        found = self.session.ask(path)
        return held(item, None if found is None else self._read(SHOWN_RECORD, found, "a record"))

    def _refuse_unless_taken(self, message: Message, code: int) -> None:
        if code == SUCCESS:
            return
        says = f"code {code} ({MEANINGS.get(code, '平台未说明的错误码')})"
        if code == INTERNAL_ERROR:
            raise self._contradiction(f"message {message.number}", says, "code 200")
        raise MessageRefused(
            f"Platform {self.session.platform}: message {message.number} was refused as a whole. Found: {says}. "
            f"Expected: code 200. Correct table and department codes in catalogue/platforms/ and write a new message."
        )

    def _read(self, shape: TypeAdapter[T], answer: Any, what: str) -> T:
        """Read an answer into its shape; the reason is not quoted because it would repeat the answer's content."""
        try:
            return shape.validate_python(answer)
        except ValidationError as error:
            found = f"{error.error_count()} parts of another shape"
        raise self._contradiction(what, found, "the shape of the platform's interface")

    def _contradiction(self, what: str, found: str, expected: str) -> PlatformUnavailable:
        return PlatformUnavailable(
            f"Platform {self.session.platform}: {what} is not usable. Found: {found}. Expected: {expected}. "
            f"Repeating the task is safe: the message is asked for before it is sent again."
        )
