"""Commands for sections and their clerks: what is set aside, what becomes of it, lists and templates."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from xinyong.errors import XinyongError
from xinyong.terminal import DateOption, JsonOption, console, fail, table, today, told, warehouse

if TYPE_CHECKING:
    from xinyong.catalogue import Catalogue
    from xinyong.catalogue.feeds import Feed
    from xinyong.precheck import Verdict
    from xinyong.quarantine import Act

app = typer.Typer()
quarantine_app = typer.Typer(help="What is set aside until its section puts it right.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")

EntryArgument = Annotated[str, typer.Argument(help="An entry's number, its document number or its record id.")]
PersonOption = Annotated[str, typer.Option("--person", help="Who answers for it.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in a sentence that others understand.")]
SectionOption = Annotated[str | None, typer.Option("--section", help="A section of the department.")]


@quarantine_app.command("list")
@told
def quarantine_list(
    section: SectionOption = None,
    state: Annotated[str, typer.Option("--state", help="open, fixed_at_source, waived, released or all.")] = "open",
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the entries with their age, owner and sentences, the oldest first."""
    from xinyong import stages
    from xinyong.quarantine import STATES, ZH

    _known(section)
    if state not in (*STATES, "all"):
        fail(f"There is no state `{state}`. Expected one of: {', '.join(STATES)}, all.")
    with warehouse():
        found = stages.quarantined(_date(day), section, None if state == "all" else state)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str))
        return
    shown = table("编号", "科室", "文书号", "相对人", "状态", "天数", "问题", numbers=("天数",))
    for one in found:
        told_by = f"\n{one.person}：{one.reason}" if one.person else ""
        state_words = f"{ZH[one.state]}{told_by}"
        named = (one.number, one.section, one.document or "", one.party or "")
        shown.add_row(*named, state_words, str(one.age_days), "\n".join(one.sentences))
    console.print(shown)
    console.print(f"{len(found)} entries")


@app.command()
@told
def waive(entry: EntryArgument, person: PersonOption, reason: ReasonOption, day: DateOption = None) -> None:
    """Leave a record out for good: nobody has to put it right. It stays waived on later nights."""
    _decide("waived", entry, person, reason, day)


@app.command()
@told
def release(entry: EntryArgument, person: PersonOption, reason: ReasonOption, day: DateOption = None) -> None:
    """Let a record in although it breaks a rule: a person answers for its present content."""
    _decide("released", entry, person, reason, day)


def _decide(act: Act, entry: str, person: str, reason: str, day: datetime | None) -> None:
    from xinyong import stages

    with warehouse():
        decided = stages.decide(act, entry, person, reason, _date(day))
    console.print(f"{decided.number} {decided.document or ''}: {act} by {decided.person} ({decided.reason}).")
    if act == "released":
        console.print("It is in the warehouse; the next aggregate and publish bring it to the platforms.")


@app.command()
@told
def recheck(
    feed: Annotated[str, typer.Option("--feed", help="The feed whose batches are judged again.")],
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only batches from this date on.")
    ] = None,
) -> None:
    """
    Judge a feed again from landing after a rule changed, without asking any business system.

    May be repeated: without a changed rule nothing changes. `xinyong airflow dags trigger recheck` does the same and
    then publishes.
    """
    from xinyong import stages
    from xinyong.catalogue import catalogue

    if feed not in catalogue().feeds:
        fail(f"There is no feed `{feed}`. Expected one of: {', '.join(catalogue().feeds)}.")
    with warehouse():
        found = stages.recheck(feed, since.date() if since else None)
    console.print(f"{found.batches} batches of {feed} judged again.")
    shown = table("live before", "became acceptable", "taken back", "other content", "live now", "open in quarantine")
    counts = (found.live_before, found.stored, found.taken_back, found.other_content, found.live_now)
    shown.add_row(*map(str, (*counts, found.open_entries)))
    console.print(shown)
    if found.taken_back:
        console.print(f"{found.taken_back} records will be withdrawn from the platforms.", style="yellow")


@app.command()
@told
def rectify(
    folder: Annotated[Path | None, typer.Option("-o", "--output", help="Default: the reports of the date.")] = None,
    section: SectionOption = None,
    returned: Annotated[
        Path | None, typer.Option("--return", exists=True, dir_okay=False, help="A filled list that came back.")
    ] = None,
    person: Annotated[str, typer.Option("--person", help="With --return: who answers for the corrections.")] = "",
    day: DateOption = None,
) -> None:
    """
    Write the rectification list (整改清单) of each section as a workbook, or take a filled one in with --return.

    A returned list is judged like a delivery: what passes is corrected and stands until the business system delivers
    another content; what does not is told line by line, on the screen and in an answer beside the file. Ends with 0
    when every filled line was taken.
    """
    from xinyong import stages

    _known(section)
    if returned:
        _take_returned(returned, person, _date(day))
    with warehouse():
        written = stages.rectify(_date(day), folder, section)
    for one in written:
        stands = f", {one.standing} corrections not followed by the business system" if one.standing else ""
        counts = f"{one.records} records, {one.lines} problems{stands}"
        console.print(f"{one.path}: {counts}", soft_wrap=True)
    if not written:
        console.print("Nothing stands open: no list was written.")


def _take_returned(path: Path, person: str, day: date) -> None:
    """Take a filled list in, say what became of each line, and end the command."""
    from xinyong import stages
    from xinyong.catalogue import catalogue
    from xinyong.rectified import ZH
    from xinyong.return_answer import field_title

    with in_their_words(path), warehouse():
        taken = stages.take_returned(path, person, day)
    shown = table("行", "文书号", "字段", "更正值", "结果", "说明", numbers=("行",))
    colours = {"taken": "green", "reminded": "yellow", "waiting": "yellow"}
    for line in taken.lines:
        became = Text(ZH[line.outcome], colours.get(line.outcome, "red"))
        named = (str(line.filled.row), line.filled.document or "", field_title(catalogue(), line))
        shown.add_row(*named, line.filled.corrected or "", became, "\n".join(line.sentences))
    console.print(shown)
    if not taken.is_new:
        console.print("This file was taken in before; nothing has changed.", style="yellow")
    accepted = taken.count("taken", "reminded")
    console.print(f"{accepted} of {len(taken.lines)} filled lines were taken.")
    for number, plan_hash in taken.waiting:
        console.print(f"A second person agrees with: xinyong correct apply {number} {plan_hash}")
    raise typer.Exit(0 if accepted == len(taken.lines) else 1)


@app.command()
@told
def template(
    record_type: Annotated[str, typer.Argument(help="A record type, such as penalty.")],
    file: Annotated[Path, typer.Option("-o", "--output", help="The workbook to write.")],
) -> None:
    """Write the official template of a record type, with lists to choose from and instructions. Needs no database."""
    from xinyong.catalogue import catalogue
    from xinyong.template_book import template as made

    found = catalogue()
    if record_type not in found.records:
        fail(f"There is no record type `{record_type}`. Expected one of: {', '.join(found.records)}.")
    made(found, found.records[record_type]).save(file)
    console.print(f"{file} is written.", soft_wrap=True)


@contextmanager
def in_their_words(file: Path) -> Iterator[None]:
    """Say what is wrong with a clerk's file in Chinese where we can; what the parser remarks is for no clerk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            yield
        except XinyongError as error:
            fail(f"{file.name}：{error.zh}" if error.zh else str(error))


def write_copy(catalogue: Catalogue, feed: Feed, file: Path, verdict: Verdict) -> None:
    """Write the annotated copy of a judged file beside it, when there is anything to mark."""
    from xinyong.annotation import TooLong, annotate
    from xinyong.precheck import open_file

    if not verdict.findings:
        return
    target = file.with_name(f"{file.stem}_checked.xlsx")
    try:
        annotate(catalogue, feed, open_file(feed, file), verdict, target)
        console.print(f"标注副本：{target}", soft_wrap=True)
    except TooLong as error:
        console.print(error.zh, style="yellow")


def _known(section: str | None) -> None:
    from xinyong.catalogue import catalogue

    sections = catalogue().department.sections
    if section and section not in sections:
        fail(f"There is no section `{section}`. Expected one of: {', '.join(sections)}.")


def _date(day: datetime | None) -> date:
    return day.date() if day else today()
