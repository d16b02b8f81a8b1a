"""Who the server runs as when root starts it, and where that user can go."""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path

from xinyong.errors import SettingsError

UNPRIVILEGED = ("postgres", "nobody")


def unprivileged_user() -> pwd.struct_passwd:
    """Return the user that the server of root runs as; one that exists, so that nothing is added to the machine."""
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SettingsError(
        f"PostgreSQL does not run as root, and no user was found to run it as. Expected: {' or '.join(UNPRIVILEGED)}. "
        f"Run as an ordinary user, or set XINYONG_DATABASE_URL to your own server."
    )


def reachable_folder(wanted: Path, user: pwd.struct_passwd | None, outside: Path) -> Path:
    """Return the wanted folder, or one outside when the server's user cannot go there."""
    if user is None or traversable(wanted):
        return wanted
    return outside / f"{wanted.parent.parent.name}-{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]}"


def traversable(path: Path) -> bool:
    """Say whether any user may go through a folder and all above it; those that do not exist yet will be ours."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents) if part.exists())
