"""
The department's declarations, read strictly from `catalogue/`.

Nothing heavy is imported here: DAG files read the catalogue while they are parsed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from xinyong.catalogue.acts import Acts
from xinyong.catalogue.codes import CalendarYear, CodeTable
from xinyong.catalogue.department import Department
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.guidance import Guidance
from xinyong.catalogue.platforms import Platform
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.scores import ScoreSet
from xinyong.catalogue.severity import Severity
from xinyong.catalogue.words import Declaration
from xinyong.errors import CatalogueError
from xinyong.settings import catalogue_dir

D = TypeVar("D", bound=Declaration)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the department declares, checked as a whole."""

    department: Department
    records: dict[str, RecordType]
    feeds: dict[str, Feed]
    platforms: dict[str, Platform]
    codes: dict[str, CodeTable]
    severities: dict[str, Severity]
    calendar: dict[int, CalendarYear]
    scores: dict[str, ScoreSet]
    acts: Acts
    guidance: Guidance

    def feeds_of(self, record_type: str) -> list[Feed]:
        """Return the feeds of a record type, the one that prevails first."""
        feeds = [feed for feed in self.feeds.values() if feed.record_type == record_type]
        return sorted(feeds, key=lambda feed: feed.precedence)

    def severity_sets(self, family: str) -> list[Severity]:
        """Return the rule sets of a family, the newest first; each is in force until the next one is."""
        found = [one for one in self.severities.values() if one.family == family]
        return sorted(found, key=lambda one: one.in_force_from, reverse=True)

    def scores_on(self, day: date) -> ScoreSet:
        """Return the thresholds in force on a day."""
        in_force = [scores for scores in self.scores.values() if scores.in_force_from <= day]
        if not in_force:
            raise CatalogueError(
                f"catalogue/scores: no thresholds are in force on {day}. Expected: a file with `in_force_from` on or "
                f"before that day; catalogue/scores/first.yml shows one."
            )
        return max(in_force, key=lambda scores: scores.in_force_from)


def catalogue(directory: Path | None = None) -> Catalogue:
    """Return the catalogue of this process, read once per directory."""
    return _read(directory or catalogue_dir())


def forget() -> None:
    """Read the catalogue anew when it is asked for next: a file of it was written."""
    _read.cache_clear()


@cache
def _read(directory: Path) -> Catalogue:
    acts = _one(directory / "acts.yml", Acts)
    found = Catalogue(
        department=_one(directory / "department.yml", Department),
        records=_named(directory / "records", RecordType),
        feeds=_named(directory / "feeds", Feed),
        platforms=_named(directory / "platforms", Platform),
        codes=_named(directory / "codes", CodeTable),
        severities=_named(directory / "severity", Severity),
        calendar={year.year: year for year in _named(directory / "calendar", CalendarYear).values()},
        scores=_named(directory / "scores", ScoreSet),
        acts=acts,
        guidance=_one(directory / "guidance.yml", Guidance).with_clocks(acts.kinds),
    )
    from xinyong.catalogue.consistency import problems

    if lines := problems(found):
        raise CatalogueError("The catalogue contradicts itself; nothing has run.\n" + "\n".join(lines))
    return found


def _named(folder: Path, model: type[D]) -> dict[str, D]:
    """Read every file of a folder; a declaration is called like its file."""
    found = {}
    for path, declaration in _several(folder, model).items():
        key = "year" if isinstance(declaration, CalendarYear) else "name"
        name = str(getattr(declaration, key))
        if name != path.stem:
            raise CatalogueError(
                f"{_place(path)}: {key}: found `{name}`, expected `{path.stem}` as the file is called."
            )
        found[path.stem] = declaration
    return found


def _several(folder: Path, model: type[D]) -> dict[Path, D]:
    if strays := sorted(folder.glob("*.yaml")):
        raise CatalogueError(f"{_place(strays[0])} would be passed over. Expected: names that end in .yml; rename it.")
    return {path: _one(path, model) for path in sorted(folder.glob("*.yml"))}


def _one(path: Path, model: type[D]) -> D:
    """Read one file into its model; every problem names file and key."""
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506 – a SafeLoader that is stricter
        return model.model_validate(content)
    except FileNotFoundError:
        raise CatalogueError(f"{_place(path)} is missing. Expected: a declaration; docs/guide.md shows one.") from None
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{_place(path)} is not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        raise CatalogueError(f"{_place(path)} is not readable YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{_place(path)}: {'.'.join(map(str, e['loc'])) or 'file'}: {_words(e)}" for e in error.errors()]
        raise CatalogueError("\n".join(lines)) from None


def _words(error: Any) -> str:
    """Say a pydantic problem with what was found and what is expected."""
    if error["type"] == "extra_forbidden":
        return f"unknown key (found value {error['input']!r}); remove it or correct its spelling"
    if error["type"] == "missing":
        return "this key is missing"
    says = error["msg"].removeprefix("Value error, ")
    return says if isinstance(error["input"], dict | None) else f"{says} (found {error['input']!r:.120})"


def _place(path: Path) -> str:
    """Name a file as `catalogue/feeds/x.yml`, wherever the catalogue lies."""
    folder = path.parent.name
    known = {"records", "feeds", "platforms", "codes", "severity", "calendar", "scores"}
    return f"catalogue/{folder}/{path.name}" if folder in known else f"catalogue/{path.name}"


class _StrictLoader(yaml.CSafeLoader):
    """YAML, read by the compiled parser, without silent loss: a key given twice in one mapping is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {', '.join(sorted(twice))} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep)
