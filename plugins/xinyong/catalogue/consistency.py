"""What one file alone cannot know: that declarations point to each other correctly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xinyong.catalogue.feeds import DatabaseSource, Feed
from xinyong.catalogue.words import OPEN_TO
from xinyong.settings import root

if TYPE_CHECKING:
    from datetime import date

    from xinyong.catalogue import Catalogue
    from xinyong.catalogue.platforms import Platform
    from xinyong.catalogue.records import RecordType


def problems(catalogue: Catalogue) -> list[str]:
    """Return one sentence per contradiction, each naming file and key."""
    lines: list[str] = []
    for record_type in catalogue.records.values():
        lines += _record_problems(catalogue, record_type)
    for feed in catalogue.feeds.values():
        lines += _feed_problems(catalogue, feed)
    for platform in catalogue.platforms.values():
        lines += _platform_problems(catalogue, platform)
    lines += _severity_problems(catalogue)
    lines += _score_problems(catalogue)
    return lines


def _record_problems(catalogue: Catalogue, record_type: RecordType) -> Iterator[str]:
    place = f"catalogue/records/{record_type.name}.yml"
    for code, field in record_type.fields.items():
        if field.codes and field.codes not in catalogue.codes:
            yield f"{place}: fields.{code}.codes: {_unknown(field.codes, catalogue.codes)}"
    yield from _publicity_problems(catalogue, record_type, place)


def _publicity_problems(catalogue: Catalogue, record_type: RecordType, place: str) -> Iterator[str]:
    shown = record_type.publicity
    if not shown.severity:
        return
    sets = catalogue.severity_sets(shown.severity)
    if not sets:
        yield f"{place}: publicity.severity: {_unknown(shown.severity, _families(catalogue))}"
    if not shown.severity_of and not shown.severity_class:
        yield (
            f"{place}: publicity.severity_of: this key is missing; it names the field whose kinds decide "
            "(or give severity_class)"
        )
    for one in sets:
        kinds = {kind for grade in one.classes.values() for kind in grade.from_amount}
        if lacking := sorted(kinds - shown.amounts.keys() if shown.severity_of else ()):
            yield f"{place}: publicity.amounts: `{one.name}` judges the amount of {', '.join(lacking)}; name its field"
        if shown.severity_of and not shown.domain_of and any(grade.domains for grade in one.classes.values()):
            yield f"{place}: publicity.domain_of: `{one.name}` asks what a record is about; name the fields that say so"
    classes = {name: None for one in sets for name in one.classes}  # a set without the class takes its default
    if shown.severity_class and shown.severity_class not in classes:
        yield f"{place}: publicity.severity_class: {_unknown(shown.severity_class, classes)}"


def _families(catalogue: Catalogue) -> dict[str, None]:
    return dict.fromkeys(one.family for one in catalogue.severities.values())


def _severity_problems(catalogue: Catalogue) -> Iterator[str]:
    """Of two rule sets of one family, one is in force on a day."""
    dates: dict[tuple[str, date], str] = {}
    for name, one in catalogue.severities.items():
        twin = dates.setdefault((one.family, one.in_force_from), name)
        if twin != name:
            place = f"catalogue/severity/{name}.yml"
            yield f"{place}: in_force_from: {one.in_force_from} is also that of `{twin}`; one is in force on a day"


def _feed_problems(catalogue: Catalogue, feed: Feed) -> Iterator[str]:
    place = f"catalogue/feeds/{feed.name}.yml"
    if feed.section not in catalogue.department.sections:
        yield f"{place}: section: {_unknown(feed.section, catalogue.department.sections)}"
    record_type = catalogue.records.get(feed.record_type)
    if record_type is None:
        yield f"{place}: record_type: {_unknown(feed.record_type, catalogue.records)}"
        return
    for key, code in (*(("fields", code) for code in feed.fields), *(("ended", code) for code in feed.ended)):
        if code not in record_type.fields:
            yield f"{place}: {key}.{code}: {_unknown(code, record_type.fields)}"
    if isinstance(feed.source, DatabaseSource) and not (root() / "sql" / f"{feed.source.query}.sql").is_file():
        yield f"{place}: source.query: found `{feed.source.query}`, expected the path of a file sql/….sql"
    direct = {name.upper() for name in feed.landing_columns}
    for code, field in record_type.fields.items():
        if field.required and code not in direct and code not in feed.fields:
            yield f"{place}: fields: nothing fills {code} ({field.title}), which `{record_type.name}` requires"


def _platform_problems(catalogue: Catalogue, platform: Platform) -> Iterator[str]:
    place = f"catalogue/platforms/{platform.name}.yml"
    for name, taken in platform.records.items():
        record_type = catalogue.records.get(name)
        if record_type is None:
            yield f"{place}: records.{name}: {_unknown(name, catalogue.records)}"
            continue
        where = f"{place}: records.{name}"
        yield from _person_problems(platform, record_type, where)
        if taken.publicity and not catalogue.severity_sets(taken.publicity):
            yield f"{where}.publicity: {_unknown(taken.publicity, _families(catalogue))}"
        for column, projection in taken.columns.items():
            if projection.field:
                yield from _field_problems(platform, record_type, projection.field, f"{where}.columns.{column}")
        for column in (*taken.key, *taken.required, *taken.lengths, *([taken.listed] if taken.listed else ())):
            if column not in taken.columns:
                yield f"{where}: {_unknown(column, taken.columns)}"


def _person_problems(platform: Platform, record_type: RecordType, where: str) -> Iterator[str]:
    taken = platform.records[record_type.name]
    if "自然人" not in taken.parties:
        return
    if platform.audience == "public" and record_type.natural_persons == "never":
        yield f"{where}.parties: natural persons of `{record_type.name}` are never public; remove 自然人"
    elif not taken.natural_persons_basis:
        yield f"{where}.natural_persons_basis: this key is missing; no natural person is told without a legal basis"


def _field_problems(platform: Platform, record_type: RecordType, code: str, where: str) -> Iterator[str]:
    if code not in record_type.fields:
        yield f"{where}: {_unknown(code, record_type.fields)}"
        return
    if record_type.fields[code].internal:
        yield f"{where}: {code} is `internal`, which no platform is told"
    if record_type.disclosure_of(code) not in OPEN_TO[platform.audience]:
        yield f"{where}: {code} is `{record_type.disclosure_of(code)}`, which `{platform.name}` may not be told"
    other_person = record_type.fields[code].type == "identity" and code != record_type.party.identity
    if other_person and platform.audience == "public":
        yield f"{where}: {code} is the number of a person whom the record is not about; it is never public"


def _score_problems(catalogue: Catalogue) -> Iterator[str]:
    dates: dict[date, str] = {}
    for name, scores in catalogue.scores.items():
        place = f"catalogue/scores/{name}.yml"
        if scores.platform not in catalogue.platforms:
            yield f"{place}: platform: {_unknown(scores.platform, catalogue.platforms)}"
        twin = dates.setdefault(scores.in_force_from, name)
        if twin != name:
            yield f"{place}: in_force_from: {scores.in_force_from} is also that of `{twin}`; one is in force on a day"


def _unknown(found: str, known: object) -> str:
    names = ", ".join(known) if isinstance(known, dict) else str(known)
    return f"found `{found}`, expected one of {names}"
