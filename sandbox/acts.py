"""
What persons of the department decide during the story: an annulment, a repair, and an objection that is right.

Each is about a sound penalty that every platform shows, in a place of the story that nothing else happens to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sandbox import story
from sandbox.enterprises import NATURAL
from sandbox.feed_records import FeedRecords
from sandbox.penalties import FINE
from sandbox.records import Record

_PLACES = (10, 12, 17, 19, 20, 22, 24)  # no other role in the story
_NO_EARLIER_END = date(2027, 1, 31)
_OLD_ENOUGH = date(2026, 8, 1)  # for repair: three months before any night of the story
_YOUNG_ENOUGH = date(2026, 1, 31)  # still in publicity after the story


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of a person: the kind of act, the penalty, and the papers."""

    kind: str
    document: str
    party: str
    person: str
    basis: str
    document_number: str
    reason: str
    on: date


# night → kind, which of the penalties, person, basis, document, reason
_DECISIONS = {
    2: (
        ("annulment", 0, "陈法制", "行政处罚法第四十八条", "闽明工信撤〔2026〕1号", "行政复议决定撤销原处罚"),
        ("objection", 1, "林信用", "信用修复管理办法", "异议受理〔2026〕1号", "当事人称处罚对象有误"),
    ),
    3: (("repair", 2, "林信用", "信用修复管理办法", "修复〔2026〕1号", "已履行义务并作出信用承诺"),),
    4: (("upheld", 1, "林信用", "信用修复管理办法", "异议处理〔2026〕1号", "经核查处罚对象确有误"),),
}


def decided_on(records: FeedRecords, night: int) -> Iterator[Decided]:
    """List what is decided on the day of a night; `records` are those of the enforcement system on any night."""
    wanted = _DECISIONS.get(night, ())
    penalties = list(_suitable(records)) if wanted else []
    for kind, which, person, basis, number, reason in wanted:
        if which >= len(penalties):
            continue  # a small world has no such penalty
        fields = penalties[which].fields
        named = (str(fields["CF_WSH"]), str(fields["CF_XDR_MC"]))
        yield Decided(kind, *named, person, basis, number, reason, story.day_of(night))


def _suitable(records: FeedRecords) -> Iterator[Record]:
    """Find the first three fines that are shown everywhere and old enough to be repaired."""
    found = 0
    for start in range(0, records.state.first_size, story.BLOCK):
        for place in _PLACES:
            record = records.record(start + place)
            if _is_shown_everywhere(record):
                found += 1
                yield record
            if found == 3:
                return


def _is_shown_everywhere(record: Record) -> bool:
    fields, subject = record.fields, record.subject
    end = fields["CF_GSJZQ"]
    return (
        subject.is_registered
        and subject.category != NATURAL
        and fields["CF_CFLB"] == FINE
        and _YOUNG_ENOUGH < record.decided < _OLD_ENOUGH
        and (end is None or date.fromisoformat(end) > _NO_EARLIER_END)
    )
