"""
The portal channel: a static site of our own, one page per some hundred records.

A message changes the store first and the pages after it; pages that were not written are remembered there. What the
portal says it shows is read back from the pages themselves, because they are what the public sees.
"""

from __future__ import annotations

import fcntl
import hashlib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import OperationalError

from xinyong.catalogue.department import Department
from xinyong.catalogue.platforms import Platform, PlatformRecord
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import ABSENT, Answer, Item, Message
from xinyong.platforms.folders import written
from xinyong.platforms.portal_store import PortalStore, Shown
from xinyong.settings import Connection

TEMPLATES = Path(__file__).with_name("templates")
SHOWN_RECORD = re.compile(r'data-key="([^"]*)" data-hash="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the template writes it."""

    anchor: str
    key: str
    hash: str
    name: str
    document: str
    decided_on: str
    fields: tuple[tuple[str, str], ...]


def entry(shown: Shown, columns: Sequence[str]) -> Entry:
    """Prepare a record for its page: its empty fields are left out, the rest in the order of the catalogue."""
    name, document, decided_on = [*shown.key.split("|"), "", ""][:3]
    anchor = "r" + hashlib.sha256(shown.key.encode()).hexdigest()[:12]
    fields = tuple((title, value) for title in columns if (value := shown.payload.get(title)))
    return Entry(anchor, shown.key, shown.hash, name, document, decided_on, fields)


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(template: str, **content: Any) -> bytes:
    """Return a page; everything that comes from data is escaped."""
    return _templates().get_template(template).render(**content).encode()


def shown_on(page: str) -> dict[str, str]:
    """Return key → content hash of the records that a page shows."""
    return {html.unescape(key): content_hash for key, content_hash in SHOWN_RECORD.findall(page)}


def portal_adapter(platform: Platform, department: Department, access: Connection) -> PortalAdapter:
    """Build the adapter from what the catalogue declares and where the public folder lies."""
    page_size = int(platform.options.get("page_size", "500"))
    return PortalAdapter(platform.name, platform.title.zh, department, platform.records, Path(access.path), page_size)


@dataclass(slots=True)
class PortalAdapter:
    """The department's own portal."""

    platform: str
    title: str
    department: Department
    records: Mapping[str, PlatformRecord]
    folder: Path
    page_size: int
    _store: PortalStore | None = field(init=False, default=None)

    def send(self, message: Message) -> None:
        with self._alone() as store:
            store.apply(message)
            if not (self.folder / "index.html").exists():  # the folder was emptied: everything is written again
                store.mark_all_stale()
            for record_type, page in store.stale_pages():
                self._write_page(store, record_type, page)
            self._write_index(store)
            store.mark_written(message.idempotency_key)

    def ask(self, message: Message) -> list[Answer] | None:
        with self._alone() as store:
            if not store.is_written(message.idempotency_key):
                return None
            places = store.places(message.items)
            pages = {(kind, page) for (kind, _), (_, page) in places.items() if page}
            read = {place: self._read_page(*place) for place in pages}
        return [self._answer(message, item, places[item.record_type, item.natural_key], read) for item in message.items]

    def listing(self, record_type: str) -> dict[str, str] | None:
        with self._alone() as store:
            pages = store.pages(record_type)
            return {key: value for page in pages for key, value in self._read_page(record_type, page).items()}

    def _answer(
        self, message: Message, item: Item, place: tuple[int, int | None], read: dict[tuple[str, int], dict[str, str]]
    ) -> Answer:
        number, page = place
        if number > message.number or (item.operation == "withdraw" and page is None):
            return Answer(item.position, "accepted")
        shown = read[item.record_type, page].get(item.natural_key) if page else None
        if shown == item.content_hash:
            return Answer(item.position, "accepted")
        return Answer(item.position, "unknown", ABSENT, None, "门户页面上没有本条记录的当前内容")

    def _write_page(self, store: PortalStore, record_type: str, page: int) -> None:
        path = self._page_path(record_type, page)
        pages = store.pages(record_type)
        if page in pages:
            taken = self.records[record_type]
            entries = [entry(shown, tuple(taken.columns)) for shown in store.shown(record_type, page)]
            entries.sort(key=lambda one: (one.decided_on, one.key), reverse=True)
            newer = min((other for other in pages if other > page), default=None)
            older = max((other for other in pages if other < page), default=None)
            content = {"title": taken.title, "page": page, "entries": entries, "newer": newer, "older": older}
            self._write(path, "list.html", **content)
        else:
            path.unlink(missing_ok=True)
        store.mark_fresh(record_type, page)

    def _write_index(self, store: PortalStore) -> None:
        kinds = []
        for record_type, taken in self.records.items():
            pages = store.pages(record_type)
            newest = max(pages, default=None)
            kinds.append({"name": record_type, "title": taken.title, "count": sum(pages.values()), "newest": newest})
        self._write(self.folder / "index.html", "index.html", kinds=kinds, **store.dates())

    def _write(self, path: Path, template: str, **content: Any) -> None:
        page = render(template, portal=self.title, department=self.department, **content)
        with written(path) as stream:
            stream.write(page)

    def _read_page(self, record_type: str, page: int) -> dict[str, str]:
        path = self._page_path(record_type, page)
        return shown_on(path.read_text("utf-8")) if path.exists() else {}

    def _page_path(self, record_type: str, page: int) -> Path:
        return self.folder / record_type / f"{page}.html"

    @contextmanager
    def _alone(self) -> Iterator[PortalStore]:
        """Give the store to one process at a time; it lies beside the public folder."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.folder.with_name(f"{self.folder.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._store = self._store or PortalStore(
                    self.folder.with_name(f"{self.folder.name}.sqlite"), self.page_size
                )
                yield self._store
        except (OSError, OperationalError) as error:
            raise PlatformUnavailable(
                f"Platform {self.platform}: the folder {self.folder} cannot be used. Found: {type(error).__name__}. "
                f"Expected: a folder with room that we may write to. What was applied stays written down; "
                f"repair the folder and repeat the task."
            ) from error
