"""
Read a paged REST service.

Reading repeats harmlessly, so short failures (500, 429 with Retry-After, time-outs, broken answers) are tried
again a few times with growing pauses; what stays broken is said as it is. A page that repeats or vanishes would
lose records silently, so the pages are held against the total the service states.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from xinyong.catalogue.feeds import Feed, RestSource
from xinyong.errors import SourceUnavailable, UnexpectedShape
from xinyong.extract.delivery import Delivery, check_columns
from xinyong.settings import Connection, connection

_TRIES = 4
_LONGEST_PAUSE = 30.0  # seconds inside one task; who asks for more is asked again by the task's own retry


class _Passing(SourceUnavailable):
    """A failure that may be over a moment later; `wait` is what the service asked for, in seconds."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


def read(feed: Feed, source: RestSource) -> Delivery:
    """Open the service and read its first page, whose first row shows the columns."""
    service = _Service(feed, source, connection(source.connection))
    pages = service.pages()
    first = next(pages)
    columns = tuple(first[0]) if first else tuple(feed.columns)
    where = f"{source.connection}: {source.path}"
    check_columns(feed, where, columns)
    return Delivery(where, columns, _rows(where, columns, first, pages))


def _rows(
    where: str, columns: tuple[str, ...], first: list[dict[str, Any]], pages: Iterator[list[dict[str, Any]]]
) -> Iterator[Sequence[Any]]:
    known = set(columns)
    for page in chain([first], pages):
        for row in page:
            if row.keys() != known:
                differing = ", ".join(sorted(known ^ row.keys()))
                raise UnexpectedShape(
                    f"{where}: rows differ in their fields. Found: {differing} in some rows only. "
                    "Expected: the same fields in every row. Ask the operator of the service what changed."
                )
            yield [row[name] for name in columns]


@dataclass(slots=True)
class _Service:
    """One reading of the service: its session, its token and what it said so far."""

    feed: Feed
    source: RestSource
    reached: Connection
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield page after page until the stated total is read."""
        read, total, number = 0, 0, 1
        seen: dict[bytes, int] = {}
        while read < total or number == 1:
            answer = self._page(number)
            rows, stated = self._list(answer), self._number(answer)
            if stated < total:
                raise SourceUnavailable(self._unsound(f"the total fell from {total} to {stated} while it was read"))
            total = stated
            self._check(number, rows, read, total)
            self._check_repeated(number, rows, seen)
            yield rows
            read, number = read + len(rows), number + 1

    def _check_repeated(self, number: int, rows: list[dict[str, Any]], seen: dict[bytes, int]) -> None:
        """Hold a page against all before it, of which only a digest is kept."""
        before = seen.setdefault(hashlib.sha256(repr(rows).encode("utf-8", "backslashreplace")).digest(), number)
        if rows and before != number:
            raise SourceUnavailable(self._unsound(f"page {number} repeats page {before}"))

    def _check(self, number: int, rows: list[dict[str, Any]], read: int, total: int) -> None:
        if not rows and read < total:
            raise SourceUnavailable(self._unsound(f"page {number} is empty after {read} of {total} rows"))
        if read + len(rows) > total:
            raise SourceUnavailable(self._unsound(f"{read + len(rows)} rows up to page {number}, but {total} stated"))

    def _unsound(self, found: str) -> str:
        return (
            f"{self.source.connection}: its pages do not add up. Found: {found}. Expected: each row once. Nothing of "
            "this reading is kept; it is tried again, and if it stays so, ask the operator of the service."
        )

    def _page(self, number: int) -> Any:
        """Read one page, trying again where that can help."""
        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(_TRIES),
            wait=_pause,
            reraise=True,
        )
        return retrying(self._one_try, number)

    def _one_try(self, number: int) -> Any:
        if not self.token:
            self.token = self._new_token()
        parameters = {self.source.page_parameter: str(number), self.source.size_parameter: str(self.source.page_size)}
        answer = self._call("GET", self.source.path, params=parameters)
        if answer.status_code == requests.codes.unauthorized:
            self.token = ""
            raise _Passing(self._said(answer, self.source.path, "a refusal of the token"), wait=0)
        return self._content(answer, self.source.path)

    def _new_token(self) -> str:
        secret = {"clientId": self.reached.login, "clientSecret": self.reached.password}
        answer = self._call("POST", self.source.token_path, json=secret)
        if answer.status_code in (requests.codes.unauthorized, requests.codes.forbidden):
            raise UnexpectedShape(
                f"{self.source.connection}: it refuses our name and secret (status {answer.status_code}). Expected: a "
                f"token. Correct AIRFLOW_CONN_XINYONG_{self.source.connection.upper()}."
            )
        return str(self._at(self._content(answer, self.source.token_path), "accessToken"))

    def _call(self, method: str, path: str, **content: Any) -> requests.Response:
        port = f":{self.reached.port}" if self.reached.port else ""
        url = f"{self.reached.kind}://{self.reached.host}{port}{self.reached.path.rstrip('/')}{path}"
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return self.session.request(method, url, headers=headers, timeout=self.source.timeout_seconds, **content)
        except requests.RequestException as error:
            raise _Passing(
                f"{self.source.connection}: no answer from {path} ({type(error).__name__}). Expected: an answer within "
                f"{self.source.timeout_seconds:g} seconds. Ask the operator of the service if it stays so."
            ) from None

    def _content(self, answer: requests.Response, path: str) -> Any:
        if answer.status_code != requests.codes.ok:
            wait = _asked_pause(answer)
            said = self._said(answer, path, f"status {answer.status_code}")
            if wait and wait > _LONGEST_PAUSE:
                raise SourceUnavailable(f"{said} It asks for a pause of {wait:g} seconds.")
            raise _Passing(said, wait=wait)
        try:
            return answer.json()
        except requests.JSONDecodeError:
            kind = "an HTML page" if answer.text.lstrip()[:1] == "<" else "broken JSON"
            raise _Passing(self._said(answer, path, kind)) from None

    def _said(self, answer: requests.Response, path: str, found: str) -> str:
        return (
            f"{self.source.connection}: {path} answered with {found}. Expected: status 200 and JSON "
            f"({answer.headers.get('Content-Type', 'no content type')} came). Ask the operator of the service if it "
            "stays so; the other feeds go on."
        )

    def _list(self, answer: Any) -> list[dict[str, Any]]:
        """Return the rows of a page."""
        rows = self._at(answer, self.source.rows)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._other_answer(f"`{self.source.rows}` is no list of records", "a list of objects")
        return rows

    def _number(self, answer: Any) -> int:
        """Return how many rows the service says there are."""
        total = self._at(answer, self.source.total)
        if isinstance(total, bool) or not str(total).isdecimal():
            raise self._other_answer(f"`{self.source.total}` is no number", "the count of all rows")
        return int(total)

    def _at(self, answer: Any, path: str) -> Any:
        """Return what stands under a dotted path of the answer."""
        for step in path.split("."):
            if not isinstance(answer, dict) or step not in answer:
                found = ", ".join(answer) if isinstance(answer, dict) else type(answer).__name__
                raise self._other_answer(
                    f"the answer has no `{path}`, only {found or 'nothing'}", "what the feed names"
                )
            answer = answer[step]
        return answer

    def _other_answer(self, found: str, expected: str) -> UnexpectedShape:
        return UnexpectedShape(
            f"{self.source.connection}: its answer has another form. Found: {found}. Expected: {expected}. Correct "
            f"`rows` and `total` in catalogue/feeds/{self.feed.name}.yml, or ask the operator what changed."
        )


def _asked_pause(answer: requests.Response) -> float | None:
    """Return the pause in seconds that a 429 or 503 asks for."""
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else None


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _Passing) and error.wait is not None:
        return error.wait
    return wait_exponential_jitter(multiplier=0.2, max=5)(state)
