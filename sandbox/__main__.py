"""The sandbox's command line: `python -m sandbox serve | prepare | next | story | planted`."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from sandbox import story, systems
from sandbox.world import World, next_date, prepared

app = typer.Typer(help="Stand-in business systems and platforms with real habits.", no_args_is_help=True)

VarOption = Annotated[Path, typer.Option("--var", envvar="XINYONG_VAR", help="Where everything at run time lies.")]
DateOption = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The date; without it the one prepared last.")
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--enforcement-url",
        envvar="XINYONG_ENFORCEMENT_URL",
        help="The enforcement system's database; without it the database `enforcement` beside XINYONG_DATABASE_URL.",
    ),
]


@app.command()
def serve(
    signing_key: Annotated[str, typer.Option(envvar="XINYONG_SIGNING_KEY", help="The key that signs the messages.")],
    var: VarOption = Path("var"),
    enforcement_url: DatabaseOption = None,
) -> None:
    """Run all systems on free ports, write var/sandbox/connections.env, and stay until SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        setting = systems.Setting(var, _database(enforcement_url), systems.signing_key(signing_key))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    path = var / "sandbox" / "connections.env"
    with systems.running(setting) as connections:
        systems.write_connections(path, connections)
        typer.echo(f"sandbox: {len(connections)} connections in {path}")
        ended.wait()
    path.unlink(missing_ok=True)


@app.command()
def prepare(
    day: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Without it the next date.")
    ] = None,
    var: VarOption = Path("var"),
    seed: Annotated[int | None, typer.Option(help="Another world.")] = None,
    records: Annotated[int | None, typer.Option(min=100, help="How many records on the first night.")] = None,
    registry: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A CSV of real enterprises.")
    ] = None,
    enforcement_url: DatabaseOption = None,
) -> None:
    """Put every business system into its state of a date; what is not given stays as it was prepared last."""
    last = prepared(var)
    world = World(
        seed=seed if seed is not None else last.seed if last else 1,
        records=records or (last.records if last else 1_000),
        registry=registry or (last.registry if last else None),
        var=var,
        enforcement_url=_database(enforcement_url),
    )
    chosen = day.date() if day else next_date(var)
    world.prepare(chosen)
    typer.echo(f"{chosen}: {story.telling(story.night_of(chosen))}")


@app.command(name="next")
def show_next(var: VarOption = Path("var")) -> None:
    """Show the date that comes next."""
    typer.echo(next_date(var).isoformat())


@app.command(name="story")
def tell() -> None:
    """Tell what happens on which date."""
    for night in range(1, 7):
        typer.echo(f"{story.day_of(night)}  night {night}  {story.telling(night)}")


@app.command()
def acts(var: VarOption = Path("var"), day: DateOption = None) -> None:
    """Show what persons decide about records on a date, as the commands that record it."""
    last = prepared(var)
    if last is None:
        raise typer.BadParameter(f"nothing was prepared under {var}; run `python -m sandbox prepare` first")
    for one in last.world(var).acts(day.date() if day else last.day):
        typer.echo(
            f"xinyong act {one.kind} '{one.document}' --person {one.person} --basis '{one.basis}' "
            f"--document '{one.document_number}' --on {one.on} --date {one.on} --reason '{one.reason}'"
        )


@app.command()
def planted(
    var: VarOption = Path("var"),
    day: DateOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every defect, for programs.")] = False,
) -> None:
    """Show the defects in what is delivered on a date."""
    last = prepared(var)
    if last is None:
        raise typer.BadParameter(f"nothing was prepared under {var}; run `python -m sandbox prepare` first")
    found = list(last.world(var).planted(day.date() if day else last.day))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for (feed, rule, severity), count in sorted(Counter((p["feed"], p["rule"], p["severity"]) for p in found).items()):
        typer.echo(f"{feed or '':24}{rule or '':24}{severity or '':10}{count:6}")


def _database(given: str | None) -> str:
    """Return the URL of the enforcement database: the given one, or the database of that name beside the warehouse."""
    if given:
        return given
    warehouse = os.environ.get("XINYONG_DATABASE_URL")
    if not warehouse:
        raise typer.BadParameter(
            "the enforcement system needs a database. Found: neither --enforcement-url nor XINYONG_DATABASE_URL. "
            "Expected: postgresql://…/enforcement. Give one of the two, or start everything with `make up`."
        )
    url = make_url(warehouse).set(drivername="postgresql", database="enforcement")
    return url.render_as_string(hide_password=False)


if __name__ == "__main__":
    app()
