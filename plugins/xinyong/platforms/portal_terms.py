"""
Terms in the portal's store: which subjects each one finds, and over how many files they are spread.

The number of files follows the number of entries, one file at a time: each new one takes its terms from a single other
(linear hashing), so that no file grows with the portal and no change ever moves all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xinyong.platforms.portal_search import ENTRIES_PER_FILE, POSTINGS_PER_TERM, bucket, divided
from xinyong.platforms.portal_shelves import put
from xinyong.platforms.portal_tables import POSTING, SPREAD, TERM

Entry = tuple[str, int]  # a term and the number of a subject

_FORGET = sa.delete(POSTING).where(POSTING.c.term == sa.bindparam("of"), POSTING.c.subject_no == sa.bindparam("number"))
_FORGET_TERM = sa.delete(TERM).where(TERM.c.term == sa.bindparam("of"), TERM.c.subject_count == 0)
_MOVE = sa.update(TERM).where(TERM.c.term == sa.bindparam("of")).values(bucket=sa.bindparam("to"))
_FIRST = (
    sa.select(POSTING.c.subject_no)
    .where(POSTING.c.term == TERM.c.term)
    .order_by(POSTING.c.subject_no)
    .limit(POSTINGS_PER_TERM)
    .correlate(TERM)
    .subquery()
)
# A term in too many names lists the first of them only, and only they are read.
LISTED = (
    sa.select(TERM.c.term, TERM.c.subject_count, sa.select(sa.func.group_concat(_FIRST.c.subject_no)).scalar_subquery())
    .where(TERM.c.bucket == sa.bindparam("bucket"))
    .order_by(TERM.c.term)
)


@dataclass(slots=True)
class Terms:
    """The terms of all subjects."""

    connection: sa.Connection

    def files(self) -> int:
        """Return over how many files they are spread."""
        return self._spread()[0]

    def keep(self, gone: Sequence[Entry], added: Sequence[Entry]) -> set[int]:
        """Forget entries and add others; return the numbers of the files that this makes wrong."""
        if not (gone or added):
            return set()
        files, entries = self._spread()
        entries += len(added) - len(gone)
        stale = set(self._spread_over(files, entries))
        files = max(files, _wanted(entries))
        if gone:
            self.connection.execute(_FORGET, [{"of": term, "number": number} for term, number in gone])
        if added:
            self.connection.execute(sa.insert(POSTING), [{"term": term, "subject_no": n} for term, n in added])
        self._count(gone, added, files)
        put(self.connection, SPREAD, [{"kind": "terms", "files": files, "entries": entries}])
        return stale | {bucket(term, files) for term, _ in (*gone, *added)}

    def _spread(self) -> tuple[int, int]:
        row = self.connection.execute(sa.select(SPREAD).where(SPREAD.c.kind == "terms")).one_or_none()
        return (row.files, row.entries) if row else (1, 0)

    def _spread_over(self, files: int, entries: int) -> Iterator[int]:
        """Add the files that so many entries want, one by one; yield the numbers of those that change."""
        for new in range(files, _wanted(entries)):
            source = divided(new)
            query = sa.select(TERM.c.term).where(TERM.c.bucket == source)
            moved = [term for term in self.connection.scalars(query) if bucket(term, new + 1) == new]
            if moved:
                self.connection.execute(_MOVE, [{"of": term, "to": new} for term in moved])
            yield from (source, new)

    def _count(self, gone: Sequence[Entry], added: Sequence[Entry], files: int) -> None:
        steps = Counter(term for term, _ in added)
        steps.subtract(Counter(term for term, _ in gone))
        statement = insert(TERM)
        later = statement.on_conflict_do_update(
            set_={"subject_count": TERM.c.subject_count + statement.excluded.subject_count}
        )
        rows = [{"term": term, "bucket": bucket(term, files), "subject_count": step} for term, step in steps.items()]
        self.connection.execute(later, rows)
        if fewer := [{"of": term} for term, step in steps.items() if step < 0]:
            self.connection.execute(_FORGET_TERM, fewer)


def _wanted(entries: int) -> int:
    return entries // ENTRIES_PER_FILE + 1
