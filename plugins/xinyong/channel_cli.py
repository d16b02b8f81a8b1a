"""Commands about channels: messages and their proof, keys, sending, and what a platform really shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xinyong.terminal import console, fail, told, warehouse

if TYPE_CHECKING:
    from xinyong.catalogue.platforms import Platform

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
    console.print(f"public key, to be handed to the receivers:\n{made.public_key}", highlight=False, soft_wrap=True)
