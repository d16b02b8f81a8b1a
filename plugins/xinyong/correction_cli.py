"""Commands of correction: plan what should change, apply it as planned, roll it back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xinyong.terminal import DateOption, JsonOption, console, table, today, told, warehouse, writable

if TYPE_CHECKING:
    from xinyong.correction import Correction, Outcome

app = typer.Typer()
correct_app = typer.Typer(help="Correct what is known: plan, apply, roll back.", no_args_is_help=True)
plan_app = typer.Typer(help="Try a correction and write down what it would do; nothing changes.", no_args_is_help=True)
app.add_typer(correct_app, name="correct")
correct_app.add_typer(plan_app, name="plan")

FeedOption = Annotated[str, typer.Option("--feed", help="The feed that is corrected.")]
PersonOption = Annotated[str, typer.Option("--person", help="Who does this.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write the plan as JSON too.", callback=writable)
]
Number = Annotated[int, typer.Argument(help="The number of the correction.")]
_DAY = ["%Y-%m-%d"]


@plan_app.command("restate")
@told
def plan_restate(
    feed: FeedOption,
    file: Annotated[Path, typer.Option("--file", help="The filled file of `xinyong correct template`.")],
    person: PersonOption,
    reason: ReasonOption,
    day: DateOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restate records by hand: what an Excel file says is meant instead of what the source delivers."""
    _plan({"kind": "restate", "feed": feed, "person": person, "reason": reason, "file": file}, day, output, as_json)


@plan_app.command("re-judge")
@told
def plan_re_judge(
    feed: FeedOption,
    person: PersonOption,
    reason: ReasonOption,
    since: Annotated[datetime | None, typer.Option("--since", formats=_DAY, help="Only batches from here on.")] = None,
    day: DateOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a feed again from landing, after a rule or a mapping changed."""
    form = {"kind": "re-judge", "feed": feed, "person": person, "reason": reason, "since": _iso(since)}
    _plan(form, day, output, as_json)


@plan_app.command("re-extract")
@told
def plan_re_extract(
    feed: FeedOption,
    first: Annotated[datetime, typer.Option("--from", formats=_DAY, help="The first business date.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DAY, help="The last business date.")],
    person: PersonOption,
    reason: ReasonOption,
    day: DateOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read an interval of business dates once more from its business system."""
    interval = {"first": _iso(first), "last": _iso(last)}
    form = {"kind": "re-extract", "feed": feed, "person": person, "reason": reason, **interval}
    _plan(form, day, output, as_json)


@plan_app.command("retract")
@told
def plan_retract(
    feed: FeedOption,
    batch: Annotated[int, typer.Option("--batch", help="A batch that `xinyong correct batches` lists.")],
    person: PersonOption,
    reason: ReasonOption,
    day: DateOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Retract a batch that should never have been loaded, as if it had never come."""
    form = {"kind": "retract", "feed": feed, "person": person, "reason": reason, "batch_id": batch}
    _plan(form, day, output, as_json)


@plan_app.command("disclosure")
@told
def plan_disclosure(
    feed: FeedOption,
    disclosure: Annotated[str, typer.Option("--class", help="public, government_only or on_authorisation.")],
    basis: Annotated[str, typer.Option("--basis", help="The legal basis.")],
    document_number: Annotated[str, typer.Option("--decision", help="The number of the document that says so.")],
    person: PersonOption,
    reason: ReasonOption,
    document: Annotated[list[str] | None, typer.Option("--document", help="A record; may be repeated.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="Or: decided from here on …")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="… up to here.")] = None,
    field: Annotated[list[str] | None, typer.Option("--field", help="Only this field; may be repeated.")] = None,
    day: DateOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Narrow the disclosure class of records or of a set; recalls follow."""
    form: dict[str, Any] = {"kind": "disclosure", "feed": feed, "person": person, "reason": reason}
    form |= {"disclosure": disclosure}
    form |= {"basis": basis, "document_number": document_number, "documents": document or [], "fields": field or []}
    _plan(form | {"first": _iso(first), "last": _iso(last)}, day, output, as_json)


def _plan(form: dict[str, Any], day: datetime | None, output: Path | None, as_json: bool) -> None:
    from xinyong import stages

    with warehouse():
        planned = stages.plan_correction(form, stages.correction_day(_given(day), today())).correction
    if output:
        output.write_text(_json(planned) + "\n", "utf-8")
    _show(planned, as_json)


@correct_app.command()
@told
def apply(
    number: Number,
    plan_hash: Annotated[str, typer.Option("--hash", help="The plan's hash, as `plan` and `show` print it.")],
    person: PersonOption,
    reason: ReasonOption,
    day: DateOption = None,
) -> None:
    """Carry a plan out, exactly as planned; refused when the data moved since."""
    from xinyong import stages

    with warehouse():
        acted_on = stages.correction_day(_given(day), today())
        outcome = stages.apply_correction(number, plan_hash, person, reason, acted_on)
    done = outcome.correction
    if not outcome.is_new:
        console.print(f"Nothing done: the {done.name} was {done.history}.")
        return
    console.print(f"Applied: the {done.name}, {done.history}.", style="green")
    _tell_what_followed(outcome)


@correct_app.command()
@told
def rollback(number: Number, person: PersonOption, reason: ReasonOption, day: DateOption = None) -> None:
    """Take an applied correction back, within the days that the catalogue grants."""
    from xinyong import stages

    with warehouse():
        outcome = stages.roll_back_correction(number, person, reason, stages.correction_day(_given(day), today()))
    done = outcome.correction
    said = "Rolled back" if outcome.is_new else "Nothing done"
    console.print(f"{said}: the {done.name}, {done.history}.")
    if outcome.effect:
        console.print(_counted(outcome.effect.as_dict()))
        _tell_what_followed(outcome)


@correct_app.command()
@told
def show(number: Number, as_json: JsonOption = False) -> None:
    """Show a correction: what it does, and what became of it."""
    from xinyong import stages

    with warehouse():
        (found,) = stages.find_corrections(number)
    _show(found, as_json)


@correct_app.command("list")
@told
def list_corrections(
    feed: Annotated[str | None, typer.Option("--feed", help="One feed only.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="planned, applied or rolled_back.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List corrections and what persons restated, with what the sources say of it by now."""
    from xinyong import stages

    with warehouse():
        found, restated = stages.find_corrections(feed=feed, state=state), stages.restatements(feed)
    if as_json:
        content = {"corrections": [asdict(one) for one in found], "restatements": [asdict(one) for one in restated]}
        typer.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))
        return
    shown = table("no.", "kind", "feed", "state", "records", "history")
    for one in found:
        records = str(sum(one.effect["records"].values()))
        shown.add_row(str(one.correction_id), one.kind, one.feed, one.state, records, one.history)
    console.print(shown)
    if restated:
        lines = table("文书号", "栏目", "更正人", "日期", "来源现状", "事由")
        for each in restated:
            fields = ", ".join(sorted(each.fields))
            cells = (each.document or each.record_id, fields, each.person, str(each.restated_on), STATES[each.state])
            lines.add_row(*cells, each.reason)
        console.print(lines)


@correct_app.command()
@told
def batches(feed: FeedOption, as_json: JsonOption = False) -> None:
    """List the latest batches of a feed, to find the one to retract."""
    from xinyong import stages

    with warehouse():
        found = stages.batches(feed)
    if as_json:
        typer.echo(json.dumps([dict(one._mapping) for one in found], ensure_ascii=False, indent=2, default=str))
        return
    names = ("batch_id", "business_date", "state", "row_count", "accepted", "quarantined", "ended", "nights", "origin")
    shown = table(*(name.replace("_", " ") for name in names))
    for one in found:
        shown.add_row(*("" if getattr(one, name) is None else str(getattr(one, name)) for name in names))
    console.print(shown)


@correct_app.command()
@told
def template(output: Annotated[Path, typer.Option("-o", "--output", help="Where to write it.")]) -> None:
    """Write the empty Excel file of a correction by hand."""
    from xinyong.correction import book

    book.template().save(output)
    console.print(f"Written: {output}")


STATES = {
    "standing": "来源未改，更正仍在用",
    "fixed_at_source": "来源已改",
    "lapsed": "来源另有新内容，更正已失效",
    "gone": "来源已无此记录",
}


def _show(found: Correction, as_json: bool) -> None:
    if as_json:
        typer.echo(_json(found))
        return
    effect = found.effect
    console.print(f"Correction {found.correction_id}: {found.kind} of {found.feed}", style="bold")
    console.print(f"{found.history}: {found.planned_reason}")
    console.print(_counted(effect))
    if effect["changes"]:
        shown = table("record", "operation", "field", "before", "after")
        for one in effect["changes"]:
            fields = one["fields"] or {"": ["", ""]}
            for code, (before, after) in fields.items():
                shown.add_row(one["document"] or one["record_id"], one["operation"], code, _cell(before), _cell(after))
        console.print(shown)
    _tell_opened(effect)
    for one in effect["withdrawals"]:
        told_ = f"people will notice: {one['platform']} withdraws {one['natural_key']} ({one['reason']})"
        console.print(told_, style="yellow")
    if found.state == "planned":
        second = " A second person must apply it." if found.needs_approval else ""
        command = f"xinyong correct apply {found.correction_id} --hash {found.plan_hash} --person … --reason …"
        console.print(f"plan hash {found.plan_hash}.{second}\n{command}", soft_wrap=True)


def _counted(effect: dict[str, Any]) -> str:
    """Say in a few lines what changes: records, quarantine, platforms, scores, time."""
    records = ", ".join(f"{count} {name}" for name, count in effect["records"].items() if count) or "none"
    lines = [f"records    {records}; {effect['batches']} batches stored again"]
    if any(effect["entries"].values()):
        lines.append(f"quarantine {effect['entries']['opened']} entries opened, {effect['entries']['closed']} closed")
    for platform, operations in effect["platforms"].items():
        lines.append(f"{platform:<10} " + ", ".join(f"{count} × {name}" for name, count in operations.items()))
    moved = {name: both for name, both in effect["scores"].items() if both[0] != both[1]}
    scores = ", ".join(f"{name} {_percent(both[0])} → {_percent(both[1])}" for name, both in moved.items())
    lines.append(f"scores     {scores or 'unchanged'}")
    if "seconds" in effect:
        lines.append(f"time       about {effect['seconds']} s, as long as trying it took")
    return "\n".join(lines)


def _tell_opened(effect: dict[str, Any]) -> None:
    """Say which records are set aside now, and by which rules; plans of before this was kept say nothing."""
    for one in effect.get("opened", ()):
        rules = "; ".join(f"{code} {says}".strip() for code, says in sorted(one["rules"].items()))
        told_ = f"set aside: {one['document'] or one['number']} ({rules})"
        console.print(told_, style="yellow")


def _tell_what_followed(outcome: Outcome) -> None:
    """Say what was set aside, and which dates follow when."""
    if outcome.effect:
        _tell_opened(outcome.effect.as_dict())
    dates = ", ".join(map(str, outcome.dates))
    follows = "The platforms follow tonight; for now: trigger `close_intake` with the latest date as partition key."
    console.print(f"Touched business dates: {dates}. {follows}")


def _json(found: Correction) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=2, default=str)


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _iso(day: datetime | None) -> str | None:
    return day.date().isoformat() if day else None


def _given(day: datetime | None) -> date | None:
    return day.date() if day else None
