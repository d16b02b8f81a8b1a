"""The command line `xinyong`."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from xinyong import (
    act_cli,
    channel_cli,
    clerk_cli,
    correction_cli,
    findings_cli,
    history_cli,
    quality_cli,
    rehearsal_cli,
    retention_cli,
)
from xinyong.terminal import DateOption, JsonOption, console
from xinyong.terminal import fail as _fail
from xinyong.terminal import table as _table
from xinyong.terminal import today as _today
from xinyong.terminal import told as _told
from xinyong.terminal import warehouse as _warehouse

if TYPE_CHECKING:
    from xinyong.precheck import Verdict

app = typer.Typer(
    help="信用 — the credit-record pipeline. Business systems in, three platforms kept true, a ledger that balances.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback's local variables may hold what nobody should see
)
catalogue_app = typer.Typer(help="The department's declarations.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(quality_cli.app)
app.add_typer(clerk_cli.app)
app.add_typer(findings_cli.app)
app.add_typer(act_cli.app)
app.add_typer(correction_cli.app)
app.add_typer(history_cli.app)
app.add_typer(channel_cli.app)
app.add_typer(retention_cli.app)
app.add_typer(rehearsal_cli.app)


@app.command()
@_told
def nightly(
    day: DateOption = None,
    records: Annotated[int | None, typer.Option(min=100, help="How many records the sandbox holds at first.")] = None,
    registry: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Real enterprises as CSV.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,
    celery: Annotated[
        int | None, typer.Option("--workers", min=1, help="Run the tasks on so many Celery workers.")
    ] = None,
) -> None:
    """
    Run one night under Airflow and show its ledger.

    Without --date it is the sandbox's next date: five nights in a row tell a story (`xinyong sandbox story`).
    Ends with 0 only when the ledger balances.
    """
    from xinyong import nightly as night
    from xinyong import workers

    if celery:
        os.environ[workers.VARIABLE] = str(celery)
    chosen = day.date() if day else _next_date()
    path = str(registry.resolve()) if registry else None
    raise typer.Exit(night.run_night(chosen, keep=keep, records=records, registry=path, console=console))


@app.command()
@_told
def up() -> None:
    """Start everything (PostgreSQL, sandbox, Airflow) and leave it running to look at."""
    from xinyong import launcher

    launcher.up(lambda part: console.print(f"starting {part}", style="dim"))
    _print_status()
    console.print(f"Airflow: {launcher.airflow_url()}  user {launcher.USER}, password {launcher.password()}")


@app.command()
@_told
def down() -> None:
    """Stop everything; data and reports stay."""
    from xinyong import launcher

    launcher.down()
    console.print("Everything is stopped.")


@app.command()
@_told
def status() -> None:
    """Show what runs and where."""
    _print_status()


def _print_status() -> None:
    from xinyong import launcher

    table = _table("part", "state", "process", "where")
    for part in launcher.status():
        table.add_row(part.name, part.state, str(part.pid or ""), part.where)
    console.print(table)


@app.command()
@_told
def migrate() -> None:
    """Bring the warehouse to today's structure: migrations first, then what the catalogue declares."""
    from xinyong.database import migrate as bring_up_to_date

    bring_up_to_date()
    console.print("The warehouse fits the migrations and the catalogue.")


@app.command()
@_told
def ledger(
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Show the ledger of a night: what was received, what became of it, what each platform was told and confirmed.

    Without --date it is the latest night. Ends with 0 only when the ledger balances.
    """
    from xinyong import report, stages

    with _warehouse():
        found = stages.read_ledger(day.date() if day else stages.latest_date())
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        console.print(f"Ledger of {found.business_date}", style="bold")
        console.print(report.table(found))
    raise typer.Exit(0 if found.balances else 1)


@app.command()
@_told
def explain(
    record: Annotated[str, typer.Argument(help="A document number such as 闽明工信罚〔2026〕1号, or a record id.")],
) -> None:
    """Show a record's whole trace: source row → batch → verdicts → versions → messages → receipts."""
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.explain import explain as trace

    with _warehouse(), connected() as connection:
        console.print(trace(connection, catalogue(), record))


@app.command()
@_told
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An Excel or CSV file of the feed.")],
    feed: Annotated[str, typer.Option("--feed", help="The feed it belongs to, such as safety_penalty.")],
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Judge a file before it enters the pipeline, by the same rules, without writing anything to the warehouse.

    What only stored records can tell is named as not checked. Rows are numbered as in the file.

    An annotated copy is put beside the file, except with --json. Ends with 0 when no row would be set aside.
    """
    from xinyong import precheck
    from xinyong.catalogue import catalogue

    found = catalogue()
    if feed not in found.feeds:
        _fail(f"There is no feed `{feed}`. Expected one of: {', '.join(found.feeds)}.")
    with clerk_cli.in_their_words(file), _warehouse():
        chosen = day.date() if day else _today()
        verdict = precheck.check_file(found, found.feeds[feed], file, chosen)
    if as_json:
        typer.echo(json.dumps(asdict(verdict) | {"set_aside": verdict.set_aside}, ensure_ascii=False, indent=2))
    else:
        _print_verdict(verdict)
        clerk_cli.write_copy(found, found.feeds[feed], file, verdict)
    raise typer.Exit(1 if verdict.set_aside else 0)


def _print_verdict(verdict: Verdict) -> None:
    table = _table("行", "文书号", "规则", "程度", "说明", numbers=("行",))
    words = {"critical": Text("须整改", "red"), "warning": Text("提醒", "yellow"), "info": Text("提示")}
    for one in verdict.findings:
        table.add_row(str(one.row), one.document or "", one.rule_code, words[one.severity], one.says)
    if verdict.findings:
        console.print(table)
    if verdict.unknown_columns:
        console.print(f"未识别的列：{'、'.join(verdict.unknown_columns)}", style="yellow")
    for note in verdict.notes:
        console.print(note, style="yellow")
    console.print(f"共 {verdict.rows} 行，{verdict.set_aside} 行须整改。")


@app.command()
def key() -> None:
    """Make a secret of 64 random bytes in base64, for the settings that .env.example explains."""
    typer.echo(base64.b64encode(secrets.token_bytes(64)).decode())


@catalogue_app.command("check")
@_told
def catalogue_check() -> None:
    """Read every declaration and suite, and name file and key of whatever is wrong. Needs no database."""
    from xinyong.catalogue import catalogue
    from xinyong.quality import suite

    found = catalogue()
    table = _table("record type", "fields", "rules", "feeds", "platforms", numbers=("fields", "rules"))
    for name, record_type in found.records.items():
        feeds = ", ".join(feed.name for feed in found.feeds_of(name))
        platforms = ", ".join(platform.name for platform in found.platforms.values() if name in platform.records)
        table.add_row(name, str(len(record_type.fields)), str(len(suite(record_type))), feeds, platforms)
    console.print(table)
    console.print(f"The catalogue of {found.department.name} is sound.")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    help="Drive the stand-in systems and platforms: serve, prepare, next, story, planted (try `sandbox --help`).",
)
def sandbox(context: typer.Context) -> None:
    """Hand the rest of the line to the sandbox's own command line, inside the settings of this world."""
    from xinyong.settings import root

    with _warehouse():
        command = [sys.executable, "-m", "sandbox", *(context.args or ["--help"])]
        raise typer.Exit(subprocess.run(command, cwd=root(), check=False).returncode)  # noqa: S603 – our own program


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    help="Run Airflow's own command line in this world, for example `airflow backfill create …` (docs/airflow.md).",
)
def airflow(context: typer.Context) -> None:
    """Hand the rest of the line to Airflow's own command line, with the settings of this world and no others."""
    from xinyong import launcher

    raise typer.Exit(launcher.airflow(context.args or ["--help"]))


def _next_date() -> date:
    from sandbox.world import next_date
    from xinyong.settings import var_dir

    return next_date(var_dir())
