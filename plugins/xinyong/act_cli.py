"""Commands for acts: record what a person decided, see what is due, print the letter."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from xinyong.catalogue.acts import KINDS, ActKind
from xinyong.catalogue.words import Disclosure
from xinyong.terminal import DateOption, JsonOption, console, table, today, told, warehouse, writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from xinyong.cases import Case

app = typer.Typer()
act_app = typer.Typer(help="What persons decide about records, and by when every platform must follow.")
app.add_typer(act_app, name="act")

_HELPS: dict[ActKind, str] = {
    "annulment": "The decision was annulled: withdraw the record everywhere.",
    "repair": "Repair was granted: withdraw the record everywhere.",
    "objection": "The subject objects: mark the record, and answer in time.",
    "upheld": "The objection is right: withdraw the record everywhere.",
    "dismissed": "The objection is not right: take the mark away, or show the record again.",
    "correction": "The content is wrong and will be corrected; say so before it is.",
    "retraction": "The record should never have been published: withdraw it everywhere.",
    "disclosure": "Another disclosure class, for the record or for some fields.",
    "reversal": "An act was recorded in error: take it back.",
}
_SOUGHT = "A document number such as 闽明工信罚〔2026〕1号, or a record id; for a reversal, the number of the act."

ActNumber = Annotated[int, typer.Argument(help="The number of an act.")]
OnOption = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day it takes effect.")]
PersonOption = Annotated[str, typer.Option("--person", help="Who decided it.")]
BasisOption = Annotated[str, typer.Option("--basis", help="The legal basis.")]
DocumentOption = Annotated[str, typer.Option("--document", help="The number of the document that says so.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the letter to the subject.")]


def _command(kind: ActKind) -> Callable[..., None]:
    """Return the command that records one kind of act."""

    @told
    def record(
        record: Annotated[str, typer.Argument(help=_SOUGHT)],
        person: PersonOption,
        basis: BasisOption,
        document: DocumentOption,
        on: OnOption,
        reason: ReasonOption = "",
        day: DateOption = None,
        applied_on: Annotated[
            datetime | None, typer.Option("--applied-on", formats=["%Y-%m-%d"], help="When a repair was applied for.")
        ] = None,
        disclosure: Annotated[
            str | None, typer.Option("--class", help="public, government_only or on_authorisation.")
        ] = None,
        field: Annotated[list[str] | None, typer.Option("--field", help="Only this field; may be repeated.")] = None,
    ) -> None:
        from xinyong import stages
        from xinyong.acts import Act

        act = Act(
            kind=kind,
            sought=record,
            person=person,
            basis=basis,
            document_number=document,
            effective_on=on.date(),
            reason=reason,
            disclosure=_disclosure(disclosure),
            fields=tuple(field or ()),
            applied_on=applied_on.date() if applied_on else None,
        )
        with warehouse():
            recorded = stages.record_act(act, _date(day))
            found, _ = stages.case(recorded.act_id)
        again = "" if recorded.is_new else " (recorded before; nothing has changed)"
        console.print(f"act {recorded.act_id}: {kind} of {found.document}{again}")
        _print_due(found)

    return record


for _kind in KINDS:
    act_app.command(_kind, help=_HELPS[_kind])(_command(_kind))


@act_app.command("list")
@told
def act_list(
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """List open cases, the next deadline first. Ends with 1 when one is overdue."""
    from xinyong import stages

    chosen = _date(day)
    with warehouse():
        found = stages.cases(only_open=not everything)
    if as_json:
        lines = [asdict(one) | {"state": one.state(chosen), "next_due": one.next_due} for one in found]
        typer.echo(json.dumps(lines, ensure_ascii=False, indent=2, default=str))
    else:
        console.print(_table(found, chosen))
        console.print(f"{len(found)} cases")
    raise typer.Exit(1 if any(one.state(chosen) == "overdue" for one in found) else 0)


@act_app.command("show")
@told
def act_show(act: ActNumber, day: DateOption = None) -> None:
    """Show one case: the act, its clocks, and the receipt of each platform."""
    from xinyong import stages
    from xinyong.explain import case_lines

    with warehouse():
        found, confirmed = stages.case(act)
    console.print(f"act {found.act_id}: {found.kind} of {found.document} · {found.party}")
    for line in case_lines(found, confirmed, _date(day)):
        console.print(f"  {line}")


@act_app.command("letter")
@told
def act_letter(
    act: ActNumber,
    file: Annotated[
        Path, typer.Option("-o", "--output", help="The page to write; it prints on A4.", callback=writable)
    ],
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Its date. Default: of the last fact in it.")
    ] = None,
) -> None:
    """Write the letter to the subject, with the times and what each platform has confirmed."""
    from xinyong import stages

    with warehouse():
        page = stages.letter(act, day.date() if day else None)
    file.write_text(page, "utf-8")
    console.print(f"{file} is written.", soft_wrap=True)


def _table(found: list[Case], day: date) -> Table:
    """Draw cases for a terminal; a document number is never cut."""
    from xinyong.cases import ZH
    from xinyong.catalogue import catalogue

    columns = ("编号", "事项", "文书号", "相对人", "生效", "期限", "状态", "待确认")
    shown = table(*columns, whole=("文书号", "生效", "期限"))
    for one in found:
        state = one.state(day)
        standing = Text(ZH[state], "bold red" if state == "overdue" else "")
        answer = one.kind == "objection" and one.answered_by is None
        waits = "" if one.closed_on else ", ".join([*one.waiting_for, *(["答复"] if answer else [])])
        unmarked = f" （无标注位置： {', '.join(one.without_mark)}）" if one.without_mark else ""
        named = (str(one.act_id), catalogue().acts.kinds[one.kind].title.zh, one.document or "", one.party or "")
        due = str(one.next_due or one.closed_on or "")
        shown.add_row(*named, str(one.effective_on), due, standing, waits + unmarked)
    return shown


def _print_due(found: Case) -> None:
    if found.closed_on:
        console.print("No platform shows the record: the case is closed.")
        return
    due = f"due on {found.due_on}" if found.due_on else "due: the calendar is not known yet; run aggregate"
    provisional = " (an estimate: the holidays are not announced yet)" if found.is_provisional else ""
    console.print(f"{due}{provisional}; waits for {', '.join(found.waiting_for) or 'the answer'}")
    if found.answer_due_on:
        console.print(f"answer due on {found.answer_due_on}")


def _disclosure(word: str | None) -> Disclosure | None:
    known: dict[str, Disclosure] = {
        "public": "public",
        "government_only": "government_only",
        "on_authorisation": "on_authorisation",
    }
    if word is not None and word not in known:
        raise typer.BadParameter(f"`{word}` is no class. Expected one of: {', '.join(known)}.")
    return known[word] if word else None


def _date(day: datetime | None) -> date:
    return day.date() if day else today()
