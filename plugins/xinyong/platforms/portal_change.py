"""One message applied to the portal's store: records find their pages, and each file that this makes wrong is noted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms import Item
from xinyong.platforms import portal_search as search
from xinyong.platforms.portal_downloads import part_of
from xinyong.platforms.portal_shapes import Facts, Shape, facts
from xinyong.platforms.portal_shelves import AT_ONCE, Shelves, batches, put
from xinyong.platforms.portal_subjects import Subjects
from xinyong.platforms.portal_tables import RECORD, STALE

Place = dict[str, Any]

_FACTS = ("name", "code", "document", "decided_on")
# Which page of which shelf a record is on; it keeps the page as long as it belongs to the shelf.
_SHELVES: dict[str, Callable[[Place], str]] = {
    "list_page": lambda row: f"list/{row['record_type']}/{row['month']}",
    "subject_page": lambda row: f"subject/{row['subject_id']}",
    "document_part": lambda row: f"documents/{row['document_bucket']}",
}
_PLACE = ("subject_id", "month", "document_bucket", *_SHELVES)
_NOWHERE: Place = {"subject_id": "", "subject_page": 0, "month": "", "list_page": 0}
_GONE: Place = dict.fromkeys(("hash", "payload", "document_bucket", "document_part", *_FACTS))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records one page of a list and one page of a subject hold."""

    listed: int
    of_subject: int

    def by_kind(self) -> dict[str, int]:
        """Return kind of shelf → records on one of its pages."""
        return {"list": self.listed, "subject": self.of_subject, "documents": search.DOCUMENTS_PER_FILE}


@dataclass(slots=True)
class Change:
    """Items of one message on their way into the store."""

    connection: sa.Connection
    number: int
    shapes: Mapping[str, Shape]
    sizes: Sizes
    stale: set[tuple[str, str]] = field(default_factory=set)
    _shelves: Shelves = field(init=False)
    _subjects: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._shelves = Shelves(self.connection, self.sizes.by_kind())

    def apply(self, items: Sequence[Item]) -> None:
        """Apply all items; the caller's transaction makes it one step."""
        for some in batches(items, AT_ONCE):
            self._apply_some(some)
        self.stale |= self._shelves.keep()
        subjects = Subjects(self.connection, self._shelves, self.stale)
        for ids in batches(sorted(self._subjects), AT_ONCE):
            subjects.renew(ids)
        for marks in batches(sorted(self.stale), AT_ONCE):
            rows = [{"kind": kind, "name": name} for kind, name in marks]
            self.connection.execute(insert(STALE).on_conflict_do_nothing(), rows)

    def _apply_some(self, items: Sequence[Item]) -> None:
        known = self._known(items)
        found = [self._row(item) for item in items]
        rows = [row for row in (*known.values(), *found) if row["hash"] is not None]
        self._shelves.load({shelf(row) for row in rows for shelf in _SHELVES.values()})
        changed = {}
        for row in found:
            key = (row["record_type"], row["key"])
            if (old := known.get(key)) is None or old["number"] <= self.number:
                changed[key] = known[key] = self._place(old, row)
        put(self.connection, RECORD, changed.values())

    def _known(self, items: Sequence[Item]) -> dict[tuple[str, str], Place]:
        columns = (RECORD.c.record_type, RECORD.c.key, RECORD.c.number, RECORD.c.hash)
        query = sa.select(*columns, *[RECORD.c[name] for name in _PLACE])
        found: dict[tuple[str, str], Place] = {}
        for record_type, keys in by_type(items).items():
            of_type = query.where(RECORD.c.record_type == record_type, RECORD.c.key.in_(keys))
            rows = self.connection.execute(of_type).mappings()
            found |= {(row["record_type"], row["key"]): dict(row) for row in rows}
        return found

    def _row(self, item: Item) -> Place:
        """Return what is kept of an item, still without its pages."""
        row: Place = {"record_type": item.record_type, "key": item.natural_key, "number": self.number}
        if item.operation == "withdraw":
            return row | _GONE
        new: Facts = facts(self.shapes[item.record_type], item.natural_key, item.payload)
        row |= {"hash": item.content_hash, "payload": item.payload, **{name: getattr(new, name) for name in _FACTS}}
        bucket = search.document_bucket(new.document)
        return row | {"subject_id": new.subject_id, "month": new.month, "document_bucket": bucket}

    def _place(self, old: Place | None, row: Place) -> Place:
        """Return the record's row with its pages; where it was and where it will be goes stale."""
        was = old if old and old["hash"] is not None else None
        for page, shelf in _SHELVES.items():
            before, now = shelf(was) if was else None, shelf(row) if row["hash"] is not None else None
            if was and before == now:
                row[page] = was[page]
                continue
            if was and before:
                self._shelves[before].remove(was[page])
            if now:
                row[page] = self._shelves[now].add()
        for shown in (was, row if row["hash"] is not None else None):
            if shown:
                self._touch(shown)
        return row if row["hash"] is not None else row | {name: (old or _NOWHERE)[name] for name in _NOWHERE}

    def _touch(self, row: Place) -> None:
        self._subjects.add(row["subject_id"])
        group = f"{row['record_type']}/{row['month']}"
        self.stale |= {
            ("list", f"{group}/{row['list_page']}"),
            ("months", row["record_type"]),
            ("subject", f"{row['subject_id']}/{row['subject_page']}"),
            ("documents", f"{row['document_bucket']}/{row['document_part']}"),
            ("data", f"{group}/{part_of(row['list_page'])}"),
        }


def by_type(items: Iterable[Item]) -> dict[str, list[str]]:
    """Return record type → natural keys: records are found by both."""
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(item.record_type, []).append(item.natural_key)
    return found
