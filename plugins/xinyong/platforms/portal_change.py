"""One message applied to the portal's store: records find their pages, and each file that this makes wrong is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms import Item
from xinyong.platforms.portal_downloads import part_of
from xinyong.platforms.portal_search import SUBJECTS_PER_FILE, bucket, document_bucket, terms
from xinyong.platforms.portal_shapes import Facts, Shape, facts
from xinyong.platforms.portal_tables import POSTING, RECORD, SHELF, STALE, SUBJECT

_AT_ONCE = 500  # SQLite takes a limited number of parameters in one statement
_PLACE = ("subject_id", "subject_page", "month", "list_page")
_GONE = {"hash": None, "payload": None, "name": None, "code": None, "document": None, "decided_on": None}

Place = dict[str, Any]
Subject = dict[str, Any]

_FORGET_POSTING = sa.delete(POSTING).where(
    POSTING.c.bucket == sa.bindparam("b"),
    POSTING.c.term == sa.bindparam("t"),
    POSTING.c.subject_no == sa.bindparam("n"),
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records one page of a list and one page of a subject hold."""

    listed: int
    of_subject: int


@dataclass(slots=True)
class Shelf:
    """The pages of one list or subject while a message is applied."""

    size: int
    counts: dict[int, int] = field(default_factory=dict)
    before: frozenset[int] = frozenset()

    def add(self) -> int:
        """Put one more record on the last page, or begin a new one."""
        last = max(self.counts, default=1)
        page = last if self.counts.get(last, 0) < self.size else last + 1
        self.counts[page] = self.counts.get(page, 0) + 1
        return page

    def remove(self, page: int) -> None:
        self.counts[page] -= 1

    def filled(self) -> frozenset[int]:
        return frozenset(page for page, count in self.counts.items() if count)

    def disturbed(self) -> set[int]:
        """Return the pages beside one that appeared or emptied: their links change."""
        now, found = self.filled(), set[int]()
        for page in self.before ^ now:
            found |= {max((p for p in now if p < page), default=page), min((p for p in now if p > page), default=page)}
        return found


@dataclass(slots=True)
class Change:
    """Items of one message on their way into the store."""

    connection: sa.Connection
    number: int
    shapes: Mapping[str, Shape]
    sizes: Sizes
    stale: set[tuple[str, str]] = field(default_factory=set)
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _subjects: set[str] = field(default_factory=set)

    def apply(self, items: Sequence[Item]) -> None:
        """Apply all items; the caller's transaction makes it one step."""
        for some in batches(items, _AT_ONCE):
            self._apply_some(some)
        self._keep_shelves()
        for ids in batches(sorted(self._subjects), _AT_ONCE):
            self._renew_subjects(ids)
        for marks in batches(sorted(self.stale), _AT_ONCE):
            rows = [{"kind": kind, "name": name} for kind, name in marks]
            self.connection.execute(insert(STALE).on_conflict_do_nothing(), rows)

    def _apply_some(self, items: Sequence[Item]) -> None:
        known = self._known(items)
        found = [self._facts(item) for item in items]
        wanted = {place["subject_id"] for place in known.values()} | {one.subject_id for one in found if one}
        self._load_shelves(wanted, self.sizes.of_subject, "subject/")
        changed = {}
        for item, new in zip(items, found, strict=True):
            key = (item.record_type, item.natural_key)
            if (old := known.get(key)) is None or old["number"] <= self.number:
                changed[key] = known[key] = self._place(item, old, new)
        if changed:
            statement = insert(RECORD)
            values = {one.name: statement.excluded[one.name] for one in RECORD.columns if not one.primary_key}
            self.connection.execute(statement.on_conflict_do_update(set_=values), list(changed.values()))

    def _known(self, items: Sequence[Item]) -> dict[tuple[str, str], Place]:
        columns = (RECORD.c.record_type, RECORD.c.key, RECORD.c.number, RECORD.c.document_bucket, RECORD.c.hash)
        query = sa.select(*columns, *[RECORD.c[name] for name in _PLACE])
        keys: dict[str, list[str]] = {}
        for item in items:
            keys.setdefault(item.record_type, []).append(item.natural_key)
        found: dict[tuple[str, str], Place] = {}
        for record_type, some in keys.items():
            of_type = query.where(RECORD.c.record_type == record_type, RECORD.c.key.in_(some))
            rows = self.connection.execute(of_type).mappings()
            found |= {(row["record_type"], row["key"]): dict(row) for row in rows}
        return found

    def _facts(self, item: Item) -> Facts | None:
        if item.operation == "withdraw":
            return None
        return facts(self.shapes[item.record_type], item.natural_key, item.payload)

    def _place(self, item: Item, old: Place | None, new: Facts | None) -> Place:
        """Return the record's new row; where it was and where it will be goes stale."""
        row: Place = {"record_type": item.record_type, "key": item.natural_key, "number": self.number}
        if old and old["hash"] is not None:
            self._touch(old)
            stays = new and (new.subject_id, new.month) == (old["subject_id"], old["month"])
            if not stays:
                self._shelf_of_list(old).remove(old["list_page"])
                self._shelf_of_subject(old["subject_id"]).remove(old["subject_page"])
        if new is None:
            gone = {"subject_id": "", "subject_page": 0, "month": "", "list_page": 0}
            return row | _GONE | {"document_bucket": None} | {name: (old or gone)[name] for name in _PLACE}
        row |= {"subject_id": new.subject_id, "month": new.month, "hash": item.content_hash, "payload": item.payload}
        row |= {"name": new.name, "code": new.code, "document": new.document, "decided_on": new.decided_on}
        row["document_bucket"] = document_bucket(new.document)
        if old and old["hash"] is not None and stays:
            row |= {name: old[name] for name in _PLACE}
        else:
            row["list_page"] = self._shelf_of_list(row).add()
            row["subject_page"] = self._shelf_of_subject(new.subject_id).add()
        self._touch(row)
        return row

    def _touch(self, row: Place) -> None:
        self._subjects.add(row["subject_id"])
        group = f"{row['record_type']}/{row['month']}"
        self.stale |= {
            ("list", f"{group}/{row['list_page']}"),
            ("months", row["record_type"]),
            ("subject", f"{row['subject_id']}/{row['subject_page']}"),
            ("documents", row["document_bucket"]),
            ("data", f"{group}/{part_of(row['list_page'])}"),
        }

    def _shelf_of_list(self, row: Place) -> Shelf:
        name = f"list/{row['record_type']}/{row['month']}"
        if name not in self._shelves:
            self._load_shelves([name], self.sizes.listed)
        return self._shelves[name]

    def _shelf_of_subject(self, subject_id: str) -> Shelf:
        return self._shelves[f"subject/{subject_id}"]

    def _load_shelves(self, names: Iterable[str], size: int, prefix: str = "") -> None:
        wanted = [full for name in names if (full := prefix + name) not in self._shelves]
        for name in wanted:
            self._shelves[name] = Shelf(size)
        for some in batches(wanted, _AT_ONCE):
            for row in self.connection.execute(sa.select(SHELF).where(SHELF.c.shelf.in_(some))):
                self._shelves[row.shelf].counts[row.page] = row.record_count
        for name in wanted:
            self._shelves[name].before = self._shelves[name].filled()

    def _keep_shelves(self) -> None:
        """Write the pages' counts down, and note the pages whose links to each other changed."""
        rows = []
        for name, shelf in self._shelves.items():
            kind, _, rest = name.partition("/")
            pages = shelf.disturbed() if kind == "list" else set()
            if kind == "subject" and shelf.filled() != shelf.before:
                pages = {1, *shelf.filled()}  # the first page stays as long as there is a later one
            self.stale |= {(kind, f"{rest}/{page}") for page in pages}
            rows += [{"shelf": name, "page": page, "record_count": n} for page, n in shelf.counts.items()]
        for some in batches(rows, _AT_ONCE):
            statement = insert(SHELF)
            new = {"record_count": statement.excluded.record_count}
            self.connection.execute(statement.on_conflict_do_update(set_=new), list(some))
        self.connection.execute(sa.delete(SHELF).where(SHELF.c.record_count == 0))

    def _renew_subjects(self, ids: Sequence[str]) -> None:
        """Count each subject's records anew; its terms follow its names and code."""
        rows = self.connection.execute(sa.select(SUBJECT).where(SUBJECT.c.subject_id.in_(ids))).mappings()
        known = {row["subject_id"]: dict(row) for row in rows}
        next_no = int(self.connection.execute(sa.select(sa.func.max(SUBJECT.c.subject_no))).scalar_one() or 0) + 1
        now = self._counted(ids)
        for subject_id, new in now.items():
            if old := known.get(subject_id):
                new["subject_no"] = old["subject_no"]
            else:
                new["subject_no"], next_no = next_no, next_no + 1
        pairs = [(known.get(subject_id), now.get(subject_id)) for subject_id in ids]
        self._keep_subjects([(old, new) for old, new in pairs if old != new])

    def _counted(self, ids: Sequence[str]) -> dict[str, Subject]:
        newest = sa.func.max(RECORD.c.decided_on)
        parts = (RECORD.c.subject_id, RECORD.c.name, RECORD.c.code, RECORD.c.record_type)
        query = sa.select(*parts, sa.func.count().label("records")).where(
            RECORD.c.subject_id.in_(ids), RECORD.c.hash.is_not(None)
        )
        found: dict[str, Subject] = {}
        for row in self.connection.execute(query.group_by(*parts).order_by(newest.desc(), RECORD.c.name)):
            empty = {"subject_id": row.subject_id, "names": [], "code": "", "counts": Counter[str]()}
            subject = found.setdefault(row.subject_id, empty)
            if row.name not in subject["names"]:
                subject["names"].append(row.name)
            subject["code"] = subject["code"] or row.code
            subject["counts"][row.record_type] += row.records
        for subject in found.values():
            subject["counts"] = dict(sorted(subject["counts"].items()))
        return found

    def _keep_subjects(self, changes: Sequence[tuple[Subject | None, Subject | None]]) -> None:
        gone: list[Place] = []
        added: list[Place] = []
        for old, new in changes:
            number = (new or old or {})["subject_no"]
            before = terms(old["names"], old["code"]) if old else set()
            after = terms(new["names"], new["code"]) if new else set()
            gone += [{"b": bucket(term), "t": term, "n": number} for term in before - after]
            added += [{"bucket": bucket(term), "term": term, "subject_no": number} for term in after - before]
            self.stale |= {("terms", str(bucket(term))) for term in before ^ after}
            self.stale.add(("subjects", str(number // SUBJECTS_PER_FILE)))
            if old and new and (old["names"], old["code"]) != (new["names"], new["code"]):
                self._load_shelves([new["subject_id"]], self.sizes.of_subject, "subject/")
                pages = self._shelves[f"subject/{new['subject_id']}"].filled()
                self.stale |= {("subject", f"{new['subject_id']}/{page}") for page in pages}
        self._many(_FORGET_POSTING, gone)
        self._many(sa.delete(SUBJECT).where(SUBJECT.c.subject_no == sa.bindparam("n")), _numbers(changes))
        self._many(sa.insert(POSTING), added)
        self._many(sa.insert(SUBJECT), [new for _, new in changes if new])

    def _many(self, statement: sa.Executable, rows: list[Place]) -> None:
        if rows:
            self.connection.execute(statement, rows)


def _numbers(changes: Sequence[tuple[Subject | None, Subject | None]]) -> list[Place]:
    return [{"n": old["subject_no"]} for old, _ in changes if old]


def batches(whole: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield a whole in parts of at most `size`."""
    rest = iter(whole)
    while part := list(islice(rest, size)):
        yield part
