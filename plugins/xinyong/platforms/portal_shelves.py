"""Shelves: what records are spread over page by page, so that a change is about one page and not about all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms.portal_tables import MONTH, SHELF

AT_ONCE = 500  # SQLite takes a limited number of parameters in one statement

_FORGET_PAGE = sa.delete(SHELF).where(SHELF.c.shelf == sa.bindparam("name"), SHELF.c.page == sa.bindparam("number"))
_FORGET_MONTH = sa.delete(MONTH).where(MONTH.c.record_type == sa.bindparam("type"), MONTH.c.month == sa.bindparam("of"))

Row = dict[str, Any]


@dataclass(slots=True)
class Shelf:
    """The pages of one list, subject or bucket of documents while a message is applied."""

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

    def misled(self, kind: str) -> set[int]:
        """Return the pages that say something wrong about the others, because some appeared or emptied."""
        if self.before == self.filled():
            return set()
        if kind == "list":
            return self.disturbed()
        # The first page stays as long as there is a later one; of documents it alone tells which there are.
        return {1} if kind == "documents" else {1, *self.filled()}


@dataclass(slots=True)
class Shelves:
    """The shelves that one change is about, by kind and name; `sizes` says how many records a page of a kind holds."""

    connection: sa.Connection
    sizes: Mapping[str, int]
    _loaded: dict[str, Shelf] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Shelf:
        if name not in self._loaded:
            self.load([name])
        return self._loaded[name]

    def load(self, names: Iterable[str]) -> None:
        """Read many at once."""
        wanted = [name for name in names if name not in self._loaded]
        for name in wanted:
            self._loaded[name] = Shelf(self.sizes[name.partition("/")[0]])
        for some in batches(wanted, AT_ONCE):
            for row in self.connection.execute(sa.select(SHELF).where(SHELF.c.shelf.in_(some))):
                self._loaded[row.shelf].counts[row.page] = row.record_count
        for name in wanted:
            self._loaded[name].before = self._loaded[name].filled()

    def keep(self) -> set[tuple[str, str]]:
        """Write all counts down; return (kind, name) of the pages whose words about each other became wrong."""
        pages = [
            {"shelf": name, "page": page, "record_count": count}
            for name, shelf in self._loaded.items()
            for page, count in shelf.counts.items()
        ]
        put(self.connection, SHELF, [row for row in pages if row["record_count"]])
        self._many(
            _FORGET_PAGE, [{"name": row["shelf"], "number": row["page"]} for row in pages if not row["record_count"]]
        )
        self._keep_months()
        stale = set[tuple[str, str]]()
        for name, shelf in self._loaded.items():
            kind, _, rest = name.partition("/")
            stale |= {(kind, f"{rest}/{page}") for page in shelf.misled(kind)}
        return stale

    def _keep_months(self) -> None:
        lists = {name: shelf for name, shelf in self._loaded.items() if name.startswith("list/")}
        filled = [(name, shelf) for name, shelf in lists.items() if shelf.filled()]
        put(self.connection, MONTH, [_month(name, shelf) for name, shelf in filled])
        emptied = [name.split("/") for name, shelf in lists.items() if not shelf.filled()]
        self._many(_FORGET_MONTH, [{"type": record_type, "of": month} for _, record_type, month in emptied])

    def _many(self, statement: sa.Executable, rows: Sequence[Row]) -> None:
        if rows:
            self.connection.execute(statement, rows)


def _month(name: str, shelf: Shelf) -> Row:
    _, record_type, month = name.split("/")
    counts = {"record_count": sum(shelf.counts.values()), "first_page": min(shelf.filled())}
    return {"record_type": record_type, "month": month, **counts}


def put(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> None:
    """Write rows in place of those that have their keys."""
    statement = insert(table)
    values = {one.name: statement.excluded[one.name] for one in table.columns if not one.primary_key}
    for some in batches(rows, AT_ONCE):
        connection.execute(statement.on_conflict_do_update(set_=values), some)


def batches(whole: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield a whole in parts of at most `size`."""
    rest = iter(whole)
    while part := list(islice(rest, size)):
        yield part
