"""
The world on a date: a pure function of seed, number of records, registry file and date.

`World.prepare` puts every business system into the state of a date: it loads the enforcement database, writes the drop
folders, and writes down last, in `state.json`, what the approvals service shall show. Any date may be prepared at any
time and again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

from sandbox import acts, commitments, enforcement, registry, reregistration, safety, story, untrustworthy
from sandbox.approvals import source_key as approvals_key
from sandbox.defect import CRITICAL, WARNING, Defect
from sandbox.enterprises import NATURAL, Base, registration_base
from sandbox.feed_records import FeedRecords

_KEYS = {
    story.ENFORCEMENT: enforcement.source_key,
    story.APPROVALS: approvals_key,
    story.SAFETY: safety.source_key,
    story.LEGACY: safety.source_key,
    story.COMMITMENT: commitments.source_key,
}
_REGISTRY_RULES = {"SUB_SHXYM": ("SUB-R06", CRITICAL), "SUB_GSZC": ("SUB-R08", WARNING)}

Planted = dict[str, str | None]


@dataclass(frozen=True)
class World:
    """One world; without an enforcement database only files are written."""

    seed: int = 1
    records: int = 1_000
    registry: Path | None = None
    var: Path = Path("var")
    enforcement_url: str | None = None

    @property
    def folder(self) -> Path:
        """Where everything of the sandbox lies."""
        return self.var / "sandbox"

    @property
    def drop(self) -> Path:
        """The drop folder of safety supervision."""
        return self.folder / "drop"

    @property
    def registry_drop(self) -> Path:
        """The drop folder of the registration base."""
        return self.folder / "registry"

    @property
    def counter_drop(self) -> Path:
        """The folder into which the service counter's system exports its register of commitments."""
        return self.folder / "counter"

    @property
    def list_drop(self) -> Path:
        """The folder in which the credit section keeps its list."""
        return self.folder / "lists"

    @property
    def drops(self) -> tuple[Path, ...]:
        """Every folder that files are dropped into."""
        return (self.drop, self.registry_drop, self.counter_drop, self.list_drop)

    @cached_property
    def base(self) -> Base:
        """The registration base."""
        return registration_base(self.seed, self.records, self.registry)

    def feed(self, feed: str, day: date) -> FeedRecords:
        """Return what a business system holds on a date."""
        state = story.feed_state(self.seed, self.records, feed, story.night_of(day))
        return FeedRecords(self.seed, self.base, state)

    def prepare(self, day: date) -> None:
        """Put every business system into its state of a date."""
        night = story.night_of(day)
        for folder in self.drops:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_later(folder, day)
        if self.enforcement_url is not None:
            enforcement.load(self.enforcement_url, self.feed(story.ENFORCEMENT, day))
        safety.write_penalties(self.drop / f"safety_penalty_{day:%Y%m%d}.xlsx", self.feed(story.SAFETY, day))
        safety.write_licences(self.drop / f"safety_licence_{day:%Y%m%d}.csv", self.feed(story.LEGACY, day))
        commitments.write_commitments(
            self.counter_drop / f"commitment_{day:%Y%m%d}.csv", self.feed(story.COMMITMENT, day)
        )
        list_file = self.list_drop / f"untrustworthy_{day:%Y%m%d}.xlsx"
        untrustworthy.write_list(list_file, self.seed, self.base, story.content_night(story.LIST, night))
        base_file = self.registry_drop / f"registry_{day:%Y%m%d}.csv"
        registry.write_registry(base_file, self.seed, self.base, story.content_night(story.REGISTRY, night))
        self._write_knowledge(day)
        self._write_state(day)

    def planted(self, day: date) -> Iterator[Planted]:
        """List the defects in what is delivered on a date."""
        for name in story.RECORD_FEEDS:
            records = self.feed(name, day)
            for record, defect in records.defective():
                if _is_delivered(records, record.index):
                    source = (name, _KEYS[name](record.index), record.fields[records.document], records.prefix)
                    yield _planted(source, defect)
        yield from self._planted_in_list(day)
        for index, entry, field in registry.defective(self.base):
            rule, severity = _REGISTRY_RULES[field]
            yield {
                "feed": story.REGISTRY,
                "source_key": str(index + 1),
                "document": entry.name,
                "defect": "number_malformed",
                "rule": rule,
                "severity": severity,
                "field": field,
            }

    def unlinked(self, day: date) -> Iterator[Planted]:
        """List the records whose organisation the registration base does not know; they are not defective for that."""
        for name in story.RECORD_FEEDS:
            records = self.feed(name, day)
            for index in records.special():
                party, defect = records.party(index), records.defect(index)
                is_sound = defect is None or defect.severity != CRITICAL
                is_strange = not party.is_registered and party.category != NATURAL
                if is_strange and is_sound and _is_delivered(records, index):
                    document = records.record(index).fields[records.document]
                    yield {"feed": name, "source_key": _KEYS[name](index), "document": document, "name": party.name}

    def renamed(self, day: date) -> Iterator[Planted]:
        """List the records that bear a name which the registration base no longer has for their party."""
        night = story.content_night(story.REGISTRY, story.night_of(day))
        for name in story.RECORD_FEEDS:
            records = self.feed(name, day)
            for index in reregistration.bears_former_name(self.base, records.state, night):
                if _is_delivered(records, index):
                    document = records.record(index).fields[records.document]
                    party = records.party(index).name
                    yield {"feed": name, "source_key": _KEYS[name](index), "document": document, "name": party}

    def acts(self, day: date) -> list[acts.Decided]:
        """List what persons of the department decide about records on a date."""
        night = story.night_of(day)
        about_list = untrustworthy.decided_on(self.seed, self.base, night)
        return [*acts.decided_on(self.feed(story.ENFORCEMENT, day), night), *about_list]

    def repeated(self, day: date) -> Iterator[Planted]:
        """List the rows that stand twice in a file: duplicates, no defects."""
        for name in (story.SAFETY, story.LEGACY):
            records = self.feed(name, day)
            for index in safety.repeated_indices(records):
                document = records.record(index).fields[records.document]
                yield {"feed": name, "source_key": safety.source_key(index), "document": document}

    def _planted_in_list(self, day: date) -> Iterator[Planted]:
        night = story.content_night(story.LIST, story.night_of(day))
        for entry in untrustworthy.listed(self.seed, self.base, night):
            if entry.defect is not None:
                source = (story.LIST, entry.source_key, entry.fields["RDWH"], untrustworthy.PREFIX)
                yield _planted(source, entry.defect)

    def _write_knowledge(self, day: date) -> None:
        """Write down what was planted, for those who compare it with what was caught."""
        told = {"planted": self.planted(day), "unlinked": self.unlinked(day), "renamed": self.renamed(day)}
        told |= {"repeated": self.repeated(day)}
        for name, entries in told.items():
            _write_json(self.folder / f"{name}_{day.isoformat()}.json", list(entries))

    def _write_state(self, day: date) -> None:
        registry_path = str(self.registry.resolve()) if self.registry else None
        state = {"seed": self.seed, "records": self.records, "registry": registry_path, "date": day.isoformat()}
        _write_json(self.folder / "state.json", state)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `state.json` says: which world stands at which date."""

    seed: int
    records: int
    registry: Path | None
    day: date

    def world(self, var: Path) -> World:
        """Return that world."""
        return World(self.seed, self.records, self.registry, var)


def prepared(var: Path) -> Prepared | None:
    """Return what was prepared last, or nothing in a new sandbox."""
    path = var / "sandbox" / "state.json"
    if not path.exists():
        return None
    state = json.loads(path.read_text(encoding="utf-8"))
    registry_path = Path(state["registry"]) if state["registry"] else None
    return Prepared(state["seed"], state["records"], registry_path, date.fromisoformat(state["date"]))


def next_date(var: Path) -> date:
    """Return the date after the one that was prepared last; the first night in a new sandbox."""
    last = prepared(var)
    return last.day + timedelta(days=1) if last else story.FIRST_NIGHT


def _planted(source: tuple[str, str, str | None, str], defect: Defect) -> Planted:
    feed, key, document, prefix = source
    return {
        "feed": feed,
        "source_key": key,
        "document": document,
        "defect": defect.name,
        "rule": defect.rule_of(prefix),
        "severity": defect.severity,
        "field": defect.field_of(prefix),
    }


def _is_delivered(records: FeedRecords, index: int) -> bool:
    """Say whether its system hands a record out: not when it is down or empty, only the first tenth when it shrank."""
    condition = records.state.condition
    if condition == story.SHRUNK:
        return index < len(records) // 10
    return condition == story.NORMAL


def _remove_later(folder: Path, day: date) -> None:
    """Remove files of later dates: on this date nobody has written them yet."""
    for path in folder.iterdir():
        stamp = path.stem.rpartition("_")[2]
        if stamp.isdigit() and stamp > f"{day:%Y%m%d}":
            path.unlink()


def _write_json(path: Path, content: object) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    unfinished.replace(path)
