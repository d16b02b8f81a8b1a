"""Commands about channels: messages and their proof, keys, sending, and what a platform really shows."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.terminal import DateOption, JsonOption, console, fail, table, told, warehouse

if TYPE_CHECKING:
    from xinyong.catalogue.platforms import Platform
    from xinyong.publish import Published
    from xinyong.verification import Finding, Verification

app = typer.Typer()

PlatformArgument = Annotated[str, typer.Argument(help="A platform of the catalogue, such as city.")]


def declared(name: str) -> Platform:
    """Return a platform of the catalogue, or end with the names that there are."""
    from xinyong.catalogue import catalogue

    found = catalogue().platforms
    if name not in found:
        fail(f"There is no platform `{name}`. Expected one of: {', '.join(found)}.")
    return found[name]


@app.command()
@told
def messages(
    platform: PlatformArgument,
    first: Annotated[int, typer.Option("--from", min=1, help="The first number to write.")] = 1,
    last: Annotated[int | None, typer.Option("--to", min=1, help="The last one; without it, to the end.")] = None,
) -> None:
    """
    Write a platform's messages as JSON lines, from any number on: to verify them and to replay them.

    A consumer that has stopped at message N goes on with --from N+1.
    """
    from xinyong.database import connected
    from xinyong.messages import exported

    declared(platform)
    with warehouse(), connected() as connection:
        for message in exported(connection, platform, first, last):
            typer.echo(json.dumps(message, ensure_ascii=False, sort_keys=True))


@app.command(name="verify-messages")
@told
def verify_messages(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `xinyong messages` wrote.")],
    public_key: Annotated[str | None, typer.Option("--public-key", help="The sender's SM2 key.")] = None,
    secret: Annotated[str | None, typer.Option("--secret", help="The shared secret for HMAC-SM3, in base64.")] = None,
    previous: Annotated[str | None, typer.Option("--previous", help="The signature before the first message.")] = None,
) -> None:
    """Check a chain of messages and name the first one that is broken; receivers have the same in chain.py."""
    from xinyong import chain

    given = {"--public-key": public_key, "--secret": secret, "--previous": previous}
    options = [part for name, value in given.items() if value for part in (name, value)]
    raise typer.Exit(chain.main([str(file), *options]))


@app.command()
@told
def keypair(
    public: Annotated[bool, typer.Option("--public", help="Only show the public key of the one in use.")] = False,
) -> None:
    """Make an SM2 key pair: the private key for the connection `signing`, the public one for whoever verifies."""
    from xinyong.signing import new_sm2_key
    from xinyong.stages.publication import sm2_signer

    if public:
        with warehouse():
            typer.echo(sm2_signer().public_key)
        return
    made = new_sm2_key()
    typer.echo(f"AIRFLOW_CONN_XINYONG_SIGNING=sm2://:{made.key.hex()}@local")
    console.print(f"public key, to be handed to the receivers:\n{made.public_key}", soft_wrap=True)


@app.command()
@told
def publish(
    platform: PlatformArgument,
    day: DateOption = None,
    whole: Annotated[bool, typer.Option("--whole", help="Compare all records, not only those touched since.")] = False,
) -> None:
    """
    Run a platform's part of a night here and now: what differs, sent as many calls at once as it allows, receipts.

    Interrupted or repeated, it goes on where it was: what was handed over is asked for before it is sent again.
    """
    from xinyong.stages import publication

    declared(platform)
    with warehouse():
        found = publication.publish(platform, _date(day), whole)
    for problem in dict.fromkeys([*found.problems, *filter(None, [found.listing])]):
        console.print(problem, style="yellow")
    console.print(f"{platform}: {_ended(found)}.")
    raise typer.Exit(0 if found.is_answered else 1)


def _ended(found: Published) -> str:
    """Say in one sentence how a publication ended."""
    if found.open_items:
        return f"{_open(found)} have no answer yet; the next run asks for them or sends them"
    if found.problems:
        return "not everything was taken, see above"
    return "every message is answered" + ("; about its listing see above" if found.listing else "")


def _open(found: Published | Verification) -> str:
    of = "1 message" if found.open_messages == 1 else f"{found.open_messages:,} messages"
    return f"{found.open_items:,} items of {of}"


@app.command()
@told
def verify(
    platform: PlatformArgument,
    day: DateOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Write down what would put it right, as a plan.")] = False,
    apply: Annotated[int | None, typer.Option("--apply", help="Carry out the plan of this number.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Who answers for a plan.")] = None,
    as_json: JsonOption = False,
) -> None:
    """
    Compare what a platform should show, what it confirmed and what it lists; end with 0 when all agree.

    Items without an answer are counted and not compared; while there are any, it ends with 1.

    A difference is repaired by a plan: --repair writes it down, --apply N carries it out, and the next night tells the
    platform what follows. What nobody can tell (duplicates, records of another hand) stays with a person.
    """
    from xinyong.stages import publication

    found = declared(platform)
    if (repair or apply) and not (person and person.strip()):
        fail("A plan has somebody who answers for it. Found: nobody. Expected: --person with a name.")
    with warehouse():
        chosen = _date(day)
        if apply:
            _applied(found.name, publication.apply_repair(platform, apply, person or "", chosen))
            return
        verification, number = publication.verify(platform, chosen, person if repair else None)
    if as_json:
        typer.echo(json.dumps(asdict(verification) | {"plan": number}, ensure_ascii=False, indent=2))
    else:
        _print_verification(verification, number)
    raise typer.Exit(0 if verification.holds else 1)


def _date(day: datetime | None) -> date:
    from xinyong import stages

    return day.date() if day else stages.latest_date()


def _applied(platform: str, states: dict[str, int]) -> None:
    done, old = states.get("applied", 0), states.get("outdated", 0)
    console.print(f"{done} corrected, {old} overtaken meanwhile. The next night tells {platform} what follows.")


def _print_verification(found: Verification, number: int | None) -> None:
    from xinyong.verification import ZH

    counts: Counter[str] = Counter()
    for bucket in found.buckets:
        counts.update(bucket.counts)
    sides = ", ".join(f"{side} {counts[side]:,}" for side in ("desired", "published", "replayed"))
    differing = sum(len({bucket.hashes.get(side) for side in counts}) > 1 for bucket in found.buckets)
    listing = "no listing" if found.drift is None else f"{len(found.drift)} records differ from its listing"
    console.print(f"{found.platform}: {found.published_count:,} published.")
    console.print(f"Compared: {sides}; {differing} of {len(found.buckets)} buckets differ; {listing}.")
    if found.open_items:
        told = f"{_open(found)} have no answer yet; the records they are about are not compared."
        console.print(f"{told} Ask for them: xinyong publish {found.platform}", style="yellow")
    named = [*found.untold, *found.findings]
    if named:
        shown = table("说明", "种类", "主键", "记录")
        for one in named:
            shown.add_row(ZH[one.finding], one.record_type, one.natural_key, _short(one))
        console.print(shown)
    if found.problem:
        console.print(found.problem, style="yellow")
    if number:
        console.print(f"Plan {number} is written down. Apply it: xinyong verify {found.platform} --apply {number} …")


def _short(one: Finding) -> str:
    return (one.record_id or "")[:8]


@app.command()
@told
def unfit(platform: PlatformArgument, day: DateOption = None, as_json: JsonOption = False) -> None:
    """List the records that are cleared for a platform and do not fit it, each with column and reason."""
    from xinyong.stages import publication

    declared(platform)
    with warehouse():
        found = publication.unfit(platform, _date(day))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
        return
    shown = table("主键", "列", "原因")
    for one in found:
        shown.add_row(one.natural_key, one.column, one.says)
    if found:
        console.print(shown)
    console.print(f"{len(found)} problems of {len({one.record_id for one in found})} records")


@app.command()
@told
def rejections(
    section: Annotated[str | None, typer.Option("--section", help="A section of the department.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="A platform of the catalogue.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were told again since.")] = False,
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what platforms did not take: field, reason, owner, and the message that told it again."""
    from xinyong.stages import publication

    with warehouse():
        found = publication.rejections(_date(day), section, platform, everything)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2, default=str))
        return
    shown = table("平台", "主键", "科室", "字段", "原因", "重新报送")
    for one in found:
        again = f"报文 {one.resubmitted_number}（{one.resubmitted_state}）" if one.resubmitted_number else ""
        shown.add_row(one.platform, one.natural_key, one.section or "", one.field or "", one.says, again)
    if found:
        console.print(shown)
    console.print(f"{len(found)} rejections")
