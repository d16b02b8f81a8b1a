"""All of the sandbox that runs, in one process: approvals service, city platform, national node, portal."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sandbox.approvals import serve_approvals
from sandbox.feed_records import FeedRecords
from sandbox.records import AUTHORITY_CODE
from sandbox.story import APPROVALS
from sandbox.world import World, prepared

DEPARTMENT = "gongxin"
_SIGNING_KEY_SIZE = 32

Connections = dict[str, str]


class ApprovalsSource:
    """What the approvals service shows: the world of `state.json`, opened again when that file changes."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._stamp: object = None
        self._records: FeedRecords | None = None

    def __call__(self) -> tuple[object, FeedRecords] | None:
        """Return the state's stamp and its records; nothing in a new sandbox."""
        try:
            status = (self._var / "sandbox" / "state.json").stat()
        except FileNotFoundError:
            return None
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp != self._stamp or self._records is None:
            state = prepared(self._var)
            if state is None:
                return None
            self._records, self._stamp = state.world(self._var).feed(APPROVALS, state.day), stamp
        return stamp, self._records


@dataclass(frozen=True, slots=True)
class Setting:
    """What the running sandbox needs to know."""

    var: Path
    enforcement_url: str
    signing_key: bytes
    host: str = "127.0.0.1"
    first_port: int = 0
    secret: str | None = None
    poll_seconds: float = 0.2  # how often the national node looks into its inbox

    def port(self, place: int) -> int:
        """Return the port of the first, second, … service; 0, for any free one, unless the first is given."""
        return self.first_port and self.first_port + place

    def password(self) -> str:
        """Return what a service wants to hear from the department: the given secret, or one only for this run."""
        return self.secret or secrets.token_urlsafe(18)


@contextmanager
def running(setting: Setting) -> Iterator[Connections]:
    """Run all systems; yield their connections as Airflow names them; stop all of them at the end."""
    world = World(var=setting.var)
    for folder in world.drops:
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        approvals = serve_approvals(
            ApprovalsSource(setting.var), setting.port(0), secret=setting.password(), host=setting.host
        )
        stack.callback(approvals.stop)
        found = {
            "ENFORCEMENT": setting.enforcement_url,
            "APPROVALS": approvals.connection,
            "SAFETY": world.drop.resolve().as_uri(),
            "COUNTER": world.counter_drop.resolve().as_uri(),
            "LISTS": world.list_drop.resolve().as_uri(),
            "REGISTRY": world.registry_drop.resolve().as_uri(),
            "CITY": _city(setting, world, stack),
            "NATIONAL": _national(setting, world, stack),
            "PORTAL": _portal(setting, stack),
        }
        yield {f"AIRFLOW_CONN_XINYONG_{name}": url for name, url in found.items()}


def write_connections(path: Path, connections: Connections) -> None:
    """Write the connections in one step, for their owner only: they hold passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name}={url}\n" for name, url in connections.items())
    unfinished.replace(path)


def signing_key(text: str) -> bytes:
    """Read the key that messages are signed with, as the department's settings read it."""
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        secret = b""
    if len(secret) < _SIGNING_KEY_SIZE:
        raise ValueError(
            f"The signing key is not usable. Found: {len(secret)} bytes. "
            f"Expected: base64 of at least {_SIGNING_KEY_SIZE} random bytes, the same as the pipeline's. "
            f"Set XINYONG_SIGNING_KEY."
        )
    return secret if len(secret) == _SIGNING_KEY_SIZE else hashlib.shake_256(secret).digest(_SIGNING_KEY_SIZE)


def _city(setting: Setting, world: World, stack: ExitStack) -> str:
    from sandbox.city import serve_city

    secret = setting.password()
    city = serve_city(
        world.folder,
        world.registry_drop,
        setting.port(1),
        department=DEPARTMENT,
        department_code=AUTHORITY_CODE,
        secret=secret,
        signing_key=setting.signing_key,
        host=setting.host,
    )
    stack.callback(city.stop)
    return city.url.replace("://", f"://{DEPARTMENT}:{secret}@", 1)


def _national(setting: Setting, world: World, stack: ExitStack) -> str:
    from sandbox.national import serve_national

    national = serve_national(setting.var / "national", world.registry_drop, setting.poll_seconds)
    stack.callback(national.stop)
    return national.url


def _portal(setting: Setting, stack: ExitStack) -> str:
    """Serve the portal's folder; the pipeline only needs the folder, people the address."""
    from sandbox.portal import serve_portal

    folder = setting.var / "portal"  # a link, once it was written: it must not be followed here
    portal = serve_portal(folder, setting.port(2), setting.host)
    stack.callback(portal.stop)
    return f"{folder.absolute().as_uri()}?{urlencode({'address': portal.url})}"
