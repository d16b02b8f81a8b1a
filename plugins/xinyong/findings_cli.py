"""Commands on what evaluators found unreported."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.terminal import DateOption, JsonOption, console, fail, table, today, told, warehouse

if TYPE_CHECKING:
    from xinyong.findings import Finding

app = typer.Typer()
finding_app = typer.Typer(help="What evaluators found unreported: the declared input of 瞒报率.", no_args_is_help=True)
app.add_typer(finding_app, name="finding")

PersonOption = Annotated[str, typer.Option("--person", help="Who writes it down.")]


@finding_app.command("add")
@told
def finding_add(
    document: Annotated[str, typer.Argument(help="The document number of the decision.")],
    record_type: Annotated[str, typer.Option("--type", help="A record type, such as penalty.")],
    section: Annotated[str, typer.Option("--section", help="The section that should have reported it.")],
    found_by: Annotated[str, typer.Option("--found-by", help="Who found it: the evaluator, a site comparison.")],
    person: PersonOption,
    found_on: Annotated[
        datetime | None, typer.Option("--found-on", formats=["%Y-%m-%d"], help="Default: today.")
    ] = None,
    party: Annotated[str | None, typer.Option("--party", help="Whom the decision is about.")] = None,
    note: Annotated[str | None, typer.Option("--note")] = None,
    day: DateOption = None,
) -> None:
    """Write down one decision that was found unreported."""
    from xinyong.findings import Finding

    recorded_on = day.date() if day else today()
    when = found_on.date() if found_on else recorded_on
    _record([Finding(record_type, section, document, when, found_by, person, party, None, note)], day)


@finding_app.command("import")
@told
def finding_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A table (CSV) of the evaluation.")],
    person: PersonOption,
    day: DateOption = None,
) -> None:
    """Write down every decision of a table: 类别,科室,文书号,相对人,决定日期,发现日期,发现单位,备注."""
    from xinyong.catalogue import catalogue
    from xinyong.findings import read

    _record(read(catalogue(), file, person), day)


def _record(findings: list[Finding], day: datetime | None) -> None:
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.findings import record

    recorded_on = day.date() if day else today()
    platform = catalogue().scores_on(recorded_on).platform
    with warehouse(), connected() as connection:
        found = record(connection, catalogue(), findings, platform, recorded_on)
    console.print(f"{found.new} findings written down, {found.known} were known.")


@finding_app.command("list")
@told
def finding_list(
    month: Annotated[datetime, typer.Option("--month", formats=["%Y-%m"], help="The month of the finding.")],
    section: Annotated[str | None, typer.Option("--section", help="One section only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what was found in a month."""
    from xinyong.catalogue import catalogue
    from xinyong.database import connected
    from xinyong.findings import listed
    from xinyong.monthly import month_of

    if section and section not in catalogue().department.sections:
        fail(f"There is no section `{section}`. Expected one of: {', '.join(catalogue().department.sections)}.")
    with warehouse(), connected() as connection:
        found = listed(connection, *month_of(month.date()), section)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str))
        return
    shown = table("发现日期", "类别", "科室", "文书号", "相对人", "发现单位", "登记人", "备注")
    for one in found:
        named = (str(one.found_on), one.record_type, one.section, one.document, one.party or "")
        shown.add_row(*named, one.found_by, one.person, one.note or "")
    console.print(shown)
    console.print(f"{len(found)} findings")
