"""What one file alone cannot know: that declarations point to each other correctly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xinyong.catalogue.feeds import DatabaseSource, Feed
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
    lines += _score_problems(catalogue)
    return lines


def _record_problems(catalogue: Catalogue, record_type: RecordType) -> Iterator[str]:
    place = f"catalogue/records/{record_type.name}.yml"
    for code, field in record_type.fields.items():
        if field.codes and field.codes not in catalogue.codes:
            yield f"{place}: fields.{code}.codes: {_unknown(field.codes, catalogue.codes)}"
    severity = record_type.publicity.severity
    if severity and severity not in catalogue.severities:
        yield f"{place}: publicity.severity: {_unknown(severity, catalogue.severities)}"
    if severity and not record_type.publicity.severity_of:
        yield f"{place}: publicity.severity_of: this key is missing; it names the field whose kinds decide"


def _feed_problems(catalogue: Catalogue, feed: Feed) -> Iterator[str]:
    place = f"catalogue/feeds/{feed.name}.yml"
    if feed.section not in catalogue.department.sections:
        yield f"{place}: section: {_unknown(feed.section, catalogue.department.sections)}"
    record_type = catalogue.records.get(feed.record_type)
    if record_type is None:
        yield f"{place}: record_type: {_unknown(feed.record_type, catalogue.records)}"
        return
    for code in feed.fields:
        if code not in record_type.fields:
            yield f"{place}: fields.{code}: {_unknown(code, record_type.fields)}"
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
        if platform.audience == "public" and record_type.natural_persons == "never" and "自然人" in taken.parties:
            yield f"{place}: records.{name}.parties: natural persons of `{name}` are never public; remove 自然人"
        for column, projection in taken.columns.items():
            if projection.field and projection.field not in record_type.fields:
                yield f"{place}: records.{name}.columns.{column}: {_unknown(projection.field, record_type.fields)}"
        for column in (*taken.required, *taken.lengths):
            if column not in taken.columns:
                yield f"{place}: records.{name}: {_unknown(column, taken.columns)}"


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
