"""
The portal channel: a static site of our own, one page per subject, with lists, a search index and open data.

A message changes the store first and the files after it, in a folder that nobody reads; then the public link moves to
that folder. What the portal says it shows is read back from the pages themselves: they are what the public sees.
"""

from __future__ import annotations

import fcntl
import html
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import OperationalError

from xinyong.catalogue import catalogue
from xinyong.catalogue.department import Department
from xinyong.catalogue.platforms import Platform
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import ABSENT, Answer, Item, Message
from xinyong.platforms.portal_change import Sizes
from xinyong.platforms.portal_shapes import shapes
from xinyong.platforms.portal_site import Face, Site, list_path, subject_path
from xinyong.platforms.portal_store import Place, PortalStore
from xinyong.platforms.portal_trees import Draft, Trees
from xinyong.settings import Connection
from xinyong.signing import Signer

SHOWN_RECORD = re.compile(r'data-key="([^"]*)" data-hash="([^"]*)"(?: data-type="([^"]*)")?')


def portal_adapter(platform: Platform, department: Department, access: Connection, signer: Signer) -> PortalAdapter:
    """Build the adapter from what the catalogue declares and where the public folder lies."""
    declared = catalogue()
    found = shapes(platform.records, declared.records)
    sizes = Sizes(int(platform.options.get("page_size", "50")), int(platform.options.get("subject_page_size", "100")))
    face = Face(platform.title.zh, department, declared.guidance, found, signer)
    return PortalAdapter(platform.name, face, Path(access.path), sizes)


def shown_on(path: Path) -> dict[tuple[str, str], str]:
    """Return (record type or nothing, key) → content hash of the records that a page shows; of no page, nothing."""
    try:
        page = path.read_bytes().decode()
    except FileNotFoundError:
        return {}
    return {(kind, html.unescape(key)): content_hash for key, content_hash, kind in SHOWN_RECORD.findall(page)}


@dataclass(slots=True)
class PortalAdapter:
    """The department's own portal."""

    platform: str
    face: Face
    folder: Path
    sizes: Sizes
    _store: PortalStore | None = field(init=False, default=None)
    _is_untouched: bool = field(init=False, default=False)  # asked once: a walk through all files costs seconds

    def send(self, message: Message) -> None:
        self._is_untouched = False
        with self._alone() as store:
            store.apply(message)
            trees, design = Trees(self.folder), self.face.digest()
            anew = not trees.is_whole() or store.design() != design
            if anew:  # emptied by somebody, or the pages look different now
                store.mark_all_stale()
                shutil.rmtree(trees.other(), ignore_errors=True)
            changed = self._write(store, trees.other())
            if anew:
                shutil.rmtree(trees.other(), ignore_errors=True)
            trees.mirror(changed)
            store.mark_written(message.idempotency_key, design)

    def _write(self, store: PortalStore, root: Path) -> list[str]:
        """Write into the folder that nobody reads and let the public read it; return what changed."""
        draft = Draft(root)
        site = Site(store, draft, self.face)
        site.write(store.stale())
        site.write_frame()
        os.sync()  # once for all files: what the link leads to survives a power cut
        Trees(self.folder).switch()
        return draft.changed

    def ask(self, message: Message) -> list[Answer] | None:
        with self._alone() as store:
            if not store.is_written(message.idempotency_key):
                return None
            places = store.places(message.items)
            pages: dict[str, dict[tuple[str, str], str]] = {}
            return [
                self._answer(message, item, places.get((item.record_type, item.natural_key)), pages)
                for item in message.items
            ]

    def listing(self, record_type: str) -> dict[str, str] | None:
        with self._alone() as store:
            self._need_untouched(store)
            pages = sorted((self.folder / "list" / record_type).glob("*/*.html"))
            return {key: value for page in pages for (_, key), value in shown_on(page).items()}

    def _need_untouched(self, store: PortalStore) -> None:
        """Say when the public reads what was not written here; the next message writes everything anew."""
        trees = Trees(self.folder)
        if self._is_untouched or store.design() is None or store.stale():
            return  # seen before, or nothing was written yet, or a message is on its way
        if touched := trees.touched():
            trees.condemn()
            raise PlatformUnavailable(
                f"Platform {self.platform}: {touched} files of {self.folder} are not as they were written. Found: "
                f"pages changed, added or removed by another hand. Expected: nobody else who writes there. The next "
                f"message writes all of them anew; find out whose hand it was."
            )
        self._is_untouched = True

    def _answer(
        self, message: Message, item: Item, place: Place | None, pages: dict[str, dict[tuple[str, str], str]]
    ) -> Answer:
        if place is None or place.number > message.number:
            return Answer(item.position, "accepted")
        subject = subject_path(place.subject_id, place.subject_page)
        listed = list_path(item.record_type, place.month, place.list_page)
        for path in (subject, listed):
            if path not in pages:
                pages[path] = shown_on(self.folder / path)
        found = {
            pages[subject].get((item.record_type, item.natural_key)),
            pages[listed].get(("", item.natural_key)),
        }
        if found == ({None} if item.operation == "withdraw" else {item.content_hash}):
            return Answer(item.position, "accepted")
        if item.operation == "withdraw":
            return Answer(item.position, "unknown", None, None, "门户页面上还有本条记录")
        return Answer(item.position, "unknown", ABSENT, None, "门户页面上没有本条记录的当前内容")

    @contextmanager
    def _alone(self) -> Iterator[PortalStore]:
        """Give the store to one process at a time; it lies beside the public folder."""
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with self.folder.with_name(f"{self.folder.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                path = self.folder.with_name(f"{self.folder.name}.sqlite")
                self._store = self._store or PortalStore(path, self.face.shapes, self.sizes)
                yield self._store
        except (OSError, OperationalError) as error:
            raise PlatformUnavailable(
                f"Platform {self.platform}: the folder {self.folder} cannot be used. Found: {type(error).__name__}. "
                f"Expected: a folder with room that we may write to. What was applied stays written down; "
                f"repair the folder and repeat the task."
            ) from error
