"""The command that rehearses what must never happen, on a small world of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from xinyong.terminal import INTERRUPTED, console, terminable, told

app = typer.Typer()
PARTS = ("disk", "days", "kills", "cuts", "airflow")


@app.command()
@told
def rehearse(
    part: Annotated[list[str] | None, typer.Option(help=f"Only this part, of: {', '.join(PARTS)}.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Try one in so many.")] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="How many side by side.")] = os.cpu_count() or 1,
) -> None:
    """
    Kill, cut and starve a small night at every point at which it leaves a trace, and compare what is left.

    Needs nothing that runs and leaves nothing. Ends with 0 only when no difference was found.
    """
    from sandbox.rehearsal.run import rehearse as run

    chosen = part or PARTS
    if unknown := set(chosen) - set(PARTS):
        raise typer.BadParameter(f"there is no part {', '.join(sorted(unknown))}. Expected: {', '.join(PARTS)}.")
    tried = differing = 0
    try:
        with terminable(), tempfile.TemporaryDirectory(prefix="xinyong-rehearsal-") as folder:
            Path(folder).chmod(0o711)  # the server of root runs as another user, who must get through
            for done in run(Path(folder), chosen, every, jobs, _tell):
                tried, differing = tried + done.tried, differing + len(done.differing)
                found = f"{done.tried} tried, {len(done.differing)} differences, {done.seconds:.0f} s"
                console.print(f"{done.name}: {found}")
    except KeyboardInterrupt:
        console.print("Stopped. Nothing is left of it.", style="yellow")
        raise typer.Exit(INTERRUPTED) from None
    console.print(f"together: {tried} tried, {differing} differences")
    raise typer.Exit(1 if differing else 0)


def _tell(line: str) -> None:
    console.print(line, style="dim", soft_wrap=True)
