"""The command `as-of`: what was true, what we believed, what a platform showed, on a day of the past."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from rich.text import Text

from xinyong.districts import told as told_district
from xinyong.terminal import JsonOption, console, fail, table, today, told, warehouse

if TYPE_CHECKING:
    import sqlalchemy as sa

    from xinyong.catalogue import Catalogue
    from xinyong.catalogue.records import RecordType
    from xinyong.history import Moment, Row

app = typer.Typer()

STANDINGS = {
    "true": Text("属实 true", "green"),
    "ended": Text("已终止 ended", "yellow"),
    "retracted": Text("自始不实 never true", "red"),
    "not_yet": Text("尚未发生 not yet"),
    "unknown": Text("当时未知 not known"),
}


@app.command("as-of")
@told
def as_of(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day that is asked about.")],
    sought: Annotated[
        str | None, typer.Argument(help="A document number, record id, or a subject's code or name.")
    ] = None,
    known: Annotated[
        datetime | None, typer.Option("--known", formats=["%Y-%m-%d"], help="As far as it was known on this day.")
    ] = None,
    record_type: Annotated[str | None, typer.Option("--type", help="All records of a type, such as penalty.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="What this platform showed on the day.")] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Into this file.")] = None,
) -> None:
    """
    Show what was true on a day, what we believed about it on another, or what a platform showed.

    Of one record, of everything about a subject, or (--type, --platform) of all records, streamed as CSV or JSON.
    """
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.history import moment

    found = catalogue()
    _known("platform", platform, found.platforms)
    _known("record type", record_type, found.records)
    if not sought and not (record_type or platform):
        fail("Of what? Found: a day alone. Expected: a record, a subject, --type or --platform beside it.")
    if platform and known:
        fail("What a platform showed does not depend on what we knew. Found: --platform and --known. Expected: one.")
    if as_json and as_csv:
        fail("Found: --json and --csv. Expected: one of them.")
    with warehouse(), connected() as connection:
        on, known_on = day.date(), known.date() if known else None
        at = moment(connection, today(), on, known_on, platform or "")
        rows = _of_type(_rows(connection, found, at, sought, record_type, platform), record_type)
        if as_json or as_csv or output:
            with _target(output) as file:
                _write(file, rows, as_csv=as_csv or (output is not None and output.suffix == ".csv"))
        elif sought and not platform:
            _print(connection, found, at, sought, record_type)
        else:
            _print_rows(rows, on)


def _known(what: str, name: str | None, names: Iterable[str]) -> None:
    if name and name not in names:
        fail(f"There is no {what} `{name}`. Expected one of: {', '.join(names)}.")


def _rows(
    connection: sa.Connection,
    found: Catalogue,
    at: Moment,
    sought: str | None,
    record_type: str | None,
    platform: str | None,
) -> Iterator[Row]:
    """Stream the rows of a question; each says its record type."""
    from xinyong import history

    named = _named(connection, found, sought, record_type) if sought else None
    if platform:
        yield from history.shown(connection, platform, at.true_on, _ids(connection, found, named, sought))
    elif named:
        for one, record_id in named:
            yield {"record_type": one.name, **history.standing(connection, found, one, record_id, at)}
    elif sought:
        yield from _about(connection, found, at, sought)
    else:
        one = found.records[record_type or ""]
        yield from (
            {"record_type": one.name, **row} for row in history.believed(connection, found, one, at, only_true=True)
        )


def _ids(
    connection: sa.Connection, found: Catalogue, named: list[tuple[RecordType, str]] | None, sought: str | None
) -> list[str] | None:
    """Return the ids of what is asked about, by itself or by its subject; nothing where everything is."""
    if not sought:
        return None
    if named:
        return [record_id for _, record_id in named]
    return [record_id for _, ids in _of_subjects(connection, found, sought) for record_id in ids]


def _of_type(rows: Iterator[Row], record_type: str | None) -> Iterator[Row]:
    return (row for row in rows if record_type in (None, row["record_type"]))


def _named(
    connection: sa.Connection, found: Catalogue, sought: str, of_type: str | None
) -> list[tuple[RecordType, str]]:
    """Return the records that a word names; none where it names a subject."""
    from xinyong import history

    if history.subjects_called(connection, sought):
        return []
    records = history.records_called(connection, found, sought)
    if named := [(one, record_id) for one, record_id in records if of_type in (None, one.name)]:
        return named
    raise history.AsOfError(
        f"Nothing{f' of type {of_type}' if of_type else ''} is called `{sought}`. Looked for: document numbers, record "
        "ids, and codes and names of subjects. Expected: one of them, such as 闽明工信罚〔2026〕1号 or a unified code. "
        "Brackets do not matter."
    )


def _about(connection: sa.Connection, found: Catalogue, at: Moment, sought: str) -> Iterator[Row]:
    """Stream everything about the subjects that a code or name means, the subjects themselves first."""
    from xinyong import history

    for one, ids in _of_subjects(connection, found, sought):
        rows = history.believed(connection, found, one, at, ids)
        yield from ({"record_type": one.name, **row} for row in rows)


def _of_subjects(connection: sa.Connection, found: Catalogue, sought: str) -> Iterator[tuple[RecordType, list[str]]]:
    """Find, by type, every record that ever was about the subjects of this name or code, whatever stands now."""
    from xinyong import history

    subjects = history.subjects_called(connection, sought)
    for _, one in sorted(found.records.items(), key=lambda entry: entry[0] != "subject"):
        yield one, history.records_of(connection, one, subjects)


@contextmanager
def _target(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with output.open("w", encoding="utf-8-sig" if output.suffix == ".csv" else "utf-8", newline="") as file:
        yield file


def _write(file: TextIO, rows: Iterator[Row], *, as_csv: bool) -> None:
    """Write rows as they come: CSV under one heading per record type, or a JSON array with a row per line."""
    if as_csv:
        writer, headings = csv.writer(file), None
        for row in rows:
            if headings != (headings := list(row)):
                writer.writerow(headings)
            writer.writerow([_cell(value) for value in row.values()])
        return
    separator = "[\n"
    for row in rows:
        file.write(separator + json.dumps(dict(row), ensure_ascii=False, default=str))
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _print(connection: sa.Connection, found: Catalogue, at: Moment, sought: str, of_type: str | None) -> None:
    """Show one record with its fields and versions, or a subject with what is about it."""
    named = _named(connection, found, sought, of_type)
    if not named:
        _print_rows(_of_type(_about(connection, found, at, sought), of_type), at.true_on)
    for record_type, record_id in named:
        _print_record(connection, found, at, record_type, record_id)


def _print_record(
    connection: sa.Connection, found: Catalogue, at: Moment, record_type: RecordType, record_id: str
) -> None:
    from xinyong import history

    answer = history.standing(connection, found, record_type, record_id, at)
    title = f"{answer.get('document', '')} · {answer.get('party', '')}".strip(" ·")
    console.print(Text.assemble((f"{record_type.title.zh} {title}", "bold"), " ", (record_id, "dim")))
    known = f"截至 {at.known_on} 所知 as known on {at.known_on}" if at.known_on else "现在所知 as known now"
    console.print(Text.assemble(f"{at.true_on}，{known}: ", STANDINGS[answer["standing"]], _because(answer)))
    for act in answer.get("acts") or ():
        console.print(f"  行为 act {act['kind']} {act['effective_on']}: {act['basis']} ({act['person']})")
    for link in history.links(connection, record_type, record_id, at):
        other, word = (
            (link.successor_id, "续为 continued as")
            if link.record_id == record_id
            else (link.record_id, "承接 continues")
        )
        console.print(f"  {word} {other}, {link.feed} {link.business_date}")
    uscc = record_type.party.uscc
    if place := told_district(found, answer.get(uscc.lower()) if uscc else None, at.true_on):
        console.print(f"  登记机关行政区划 district {place}")
    if answer["standing"] in {"true", "ended"}:
        fields = table("code", "栏目", "值")
        for code, field in record_type.fields.items():
            if (value := answer[code.lower()]) is not None:
                fields.add_row(code, field.title, str(value))
        console.print(fields)
    versions = table("属实自 true from", "获知 known on", "feed", "batch", "")
    for one in history.timeline(connection, found, record_type, record_id, at):
        says = "自始不实 never true" if one["was_never_true"] else one["ending"] or ""
        versions.add_row(str(one["true_from"]), str(one["learnt_on"]), one["feed"], str(one["batch_id"]), says)
    console.print(versions)


def _because(answer: Row) -> str:
    """Say since when, and why and by whose act it is not so any more."""
    standing = answer["standing"]
    if standing == "true":
        return f"，自 since {answer['true_from']}, known since {answer['known_on']} ({answer['feed']})"
    if standing == "not_yet":
        return f"，自 from {answer['true_from']}"
    if standing == "ended":
        parts = [answer["ending"], str(answer["ended_on"]), answer["ending_reason"]]
        parts += [answer["ending_basis"], answer["ending_person"]]
        return "，" + "，".join(part for part in parts if part)
    return ""


def _print_rows(rows: Iterator[Row], day: date) -> None:
    shown = table("类型 type", "文书号 document", "相对人 party", "", "自 since", "feed / message")
    count = 0
    for row in rows:
        count += 1
        if "natural_key" in row:
            party, document, _ = (f"{row['natural_key']}||").split("|")[:3]
            cells: tuple[str | Text, ...] = (
                "展示 shown",
                str(row["answered_on"]),
                f"{row['number']}/{row['position']}",
            )
        else:
            document, party = str(row.get("document") or ""), str(row.get("party") or "")
            since = row.get("ended_on") or row.get("true_from") or ""
            cells = (STANDINGS[row["standing"]], str(since), str(row.get("feed") or ""))
        shown.add_row(row["record_type"], document, party, *cells)
    console.print(shown)
    console.print(f"{day}: {count} records.")
