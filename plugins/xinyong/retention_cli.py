"""The command `retention`: what was landed so long ago that it may go."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from xinyong.terminal import DateOption, JsonOption, console, table, today, told, warehouse

app = typer.Typer()

ApplyOption = Annotated[bool, typer.Option("--apply", help="Drop their rows; without it they are only listed.")]


@app.command()
@told
def retention(day: DateOption = None, apply: ApplyOption = False, as_json: JsonOption = False) -> None:
    """List landed batches older than their feed's `retention_days` that nothing needs any more, or drop their rows."""
    from xinyong import stages

    with warehouse():
        found = stages.retain(day.date() if day else today(), apply=apply)
    if as_json:
        typer.echo(json.dumps([asdict(old) for old in found], default=str, ensure_ascii=False, indent=2))
        return
    shown = table("feed", "batch", "business date", "rows", numbers=("batch", "rows"))
    for old in found:
        shown.add_row(old.feed, str(old.batch_id), str(old.business_date), f"{old.row_count:,}")
    console.print(shown if found else "Nothing is older than its feed keeps it.")
    if found:
        console.print(f"{len(found)} batches {'dropped' if apply else 'would go; --apply drops their rows'}.")
