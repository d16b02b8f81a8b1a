"""
Terms in the portal's store: which subjects each one finds, and over how many files they are spread.

The number of files follows the number of entries, one file at a time: each new one takes its terms from a single other,
and gives them back when it goes (linear hashing). No file grows with the portal, no change ever moves all of them.
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
        return _wanted(self._entries())

    def keep(self, gone: Sequence[Entry], added: Sequence[Entry]) -> set[int]:
        """Forget entries and add others; return the numbers of the files that this makes wrong."""
        if not (gone or added):
            return set()
        before = self._entries()
        after = before + len(added) - len(gone)
        files = _wanted(after)
        stale = set(self._spread_over(_wanted(before), files))
        if gone:
            self.connection.execute(_FORGET, [{"of": term, "number": number} for term, number in gone])
        if added:
            self.connection.execute(sa.insert(POSTING), [{"term": term, "subject_no": n} for term, n in added])
        self._count(gone, added, files)
        put(self.connection, SPREAD, [{"kind": "terms", "entries": after}])
        return stale | {bucket(term, files) for term, _ in (*gone, *added)}

    def _entries(self) -> int:
        return self.connection.scalar(sa.select(SPREAD.c.entries).where(SPREAD.c.kind == "terms")) or 0

    def _spread_over(self, before: int, after: int) -> Iterator[int]:
        """Add or take away files one by one; yield the numbers of those that change."""
        for last in range(before, after):
            moved = [term for term in self._terms_of(divided(last)) if bucket(term, last + 1) == last]
            self._move(moved, last)
            yield from (divided(last), last)
        for last in reversed(range(after, before)):
            self._move(self._terms_of(last), divided(last))
            yield from (divided(last), last)

    def _terms_of(self, number: int) -> list[str]:
        return list(self.connection.scalars(sa.select(TERM.c.term).where(TERM.c.bucket == number)))

    def _move(self, moved: Sequence[str], to: int) -> None:
        if moved:
            self.connection.execute(_MOVE, [{"of": term, "to": to} for term in moved])

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
