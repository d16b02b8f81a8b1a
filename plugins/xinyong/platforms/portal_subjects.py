"""Subjects in the portal's store: their names and counts follow their records, and their terms follow both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from xinyong.platforms.portal_search import SUBJECTS_PER_FILE, terms
from xinyong.platforms.portal_shelves import Shelves
from xinyong.platforms.portal_tables import RECORD, SUBJECT
from xinyong.platforms.portal_terms import Terms

Subject = dict[str, Any]
Changes = Sequence[tuple[Subject | None, Subject | None]]

_FORGET = sa.delete(SUBJECT).where(SUBJECT.c.subject_no == sa.bindparam("number"))


@dataclass(slots=True)
class Subjects:
    """Subjects that a change is about; `stale` gains the files that become wrong with them."""

    connection: sa.Connection
    shelves: Shelves
    stale: set[tuple[str, str]]

    def renew(self, ids: Sequence[str]) -> None:
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
        self._keep([(old, new) for old, new in pairs if old != new])

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

    def _keep(self, changes: Changes) -> None:
        gone, added = list[tuple[str, int]](), list[tuple[str, int]]()
        for old, new in changes:
            number = (new or old or {})["subject_no"]
            before, after = _terms(old), _terms(new)
            gone += [(term, number) for term in before - after]
            added += [(term, number) for term in after - before]
            self.stale.add(("subjects", str(number // SUBJECTS_PER_FILE)))
            if old and new:  # every page of a subject says how it is called and how many records it has
                pages = self.shelves[f"subject/{new['subject_id']}"].filled()
                self.stale |= {("subject", f"{new['subject_id']}/{page}") for page in {1, *pages}}
        if numbers := [{"number": old["subject_no"]} for old, _ in changes if old]:
            self.connection.execute(_FORGET, numbers)
        if rows := [new for _, new in changes if new]:
            self.connection.execute(sa.insert(SUBJECT), rows)
        self.stale |= {("terms", str(number)) for number in Terms(self.connection).keep(gone, added)}


def _terms(subject: Subject | None) -> set[str]:
    return terms(subject["names"], subject["code"]) if subject else set()
