"""The one reader of the environment: settings, keys and connections, read on demand and never at import."""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

from xinyong.errors import SettingsError

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the pipeline needs to know; secrets are left out of its representation."""

    root: Path
    var: Path
    catalogue_dir: Path
    sql_dir: Path
    expectations_dir: Path
    database_url: str = field(repr=False)
    sealing_key: bytes = field(repr=False)
    hashing_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """One way into a business system or a platform, as Airflow writes connections: `kind://login:password@host/…`."""

    name: str
    kind: str
    host: str
    port: int | None
    login: str
    password: str = field(repr=False)
    path: str
    extra: dict[str, str]
    url: str = field(repr=False)


def root() -> Path:
    """Return the project's root, where `sql/`, `catalogue/` and `expectations/` lie."""
    return Path(os.environ.get("XINYONG_ROOT", PROJECT))


def var_dir() -> Path:
    """Return the folder for everything that arises at run time."""
    return Path(os.environ.get("XINYONG_VAR", root() / "var"))


def returned_dir() -> Path:
    """Return the folder into which sections drop their filled rectification lists."""
    folder = os.environ.get("XINYONG_RETURNED")
    return Path(folder) if folder else var_dir() / "returned"


def catalogue_dir() -> Path:
    """Return the folder of the department's declarations; known without any secret, so that DAG files can parse."""
    return Path(os.environ.get("XINYONG_CATALOGUE", root() / "catalogue"))


def expectations_dir() -> Path:
    """Return the folder of the suites."""
    return Path(os.environ.get("XINYONG_EXPECTATIONS", root() / "expectations"))


def settings() -> Settings:
    """Read the settings of this process; a missing one is named with its meaning and the place that explains it."""
    return Settings(
        root=root(),
        var=var_dir(),
        catalogue_dir=catalogue_dir(),
        sql_dir=root() / "sql",
        expectations_dir=expectations_dir(),
        database_url=_required("XINYONG_DATABASE_URL", "the credit warehouse, as postgresql+psycopg2://…"),
        sealing_key=_key("XINYONG_SEALING_KEY", 64, "encrypts identity numbers"),
        hashing_key=_key("XINYONG_HASHING_KEY", 32, "makes identity numbers comparable without showing them"),
        signing_key=_key("XINYONG_SIGNING_KEY", 32, "signs the messages to the platforms"),
    )


def history_partitions() -> int:
    """Return into how many partitions the history of a record type is divided when its table is made."""
    text = os.environ.get("XINYONG_HISTORY_PARTITIONS", "4")
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise SettingsError(
            f"XINYONG_HISTORY_PARTITIONS is not usable: found {text!r}. Expected: a number from 1 to 64. Tables that "
            "are divided already keep their partitions."
        )
    return int(text)


def external_server() -> str | None:
    """Return the URL of a PostgreSQL server that somebody else runs; without one, an embedded server is started."""
    return os.environ.get("XINYONG_DATABASE_URL") or None


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs to use instead of those in the locked wheel."""
    folder = os.environ.get("XINYONG_POSTGRES_BIN")
    return Path(folder) if folder else None


def administrator_password() -> str:
    """Return the password that a deployment gives the first user of Airflow's pages."""
    return _required("XINYONG_ADMIN_PASSWORD", "the password of the first user of Airflow's pages")


def airflow_api_url() -> str:
    """Return where Airflow's API answers, as every part of Airflow is told it."""
    url = _required("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "where tasks reach Airflow's API")
    return url.removesuffix("/").removesuffix("/execution")


def connection(name: str, meaning: str | None = None) -> Connection:
    """Return the connection of a business system or platform from `AIRFLOW_CONN_XINYONG_<NAME>`; `meaning` says why."""
    variable = f"AIRFLOW_CONN_XINYONG_{name.upper()}"
    url = os.environ.get(variable) or _from_airflow(f"xinyong_{name}")
    if not url:
        _missing(variable, meaning or f"where `{name}` is reached")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingsError(
            f"{variable} is not usable: found an address that cannot be read ({error}). Expected: "
            "kind://login:password@host:port/path. Correct it; .env.example explains each setting."
        ) from None
    return Connection(
        name=name,
        kind=parts.scheme,
        host=parts.hostname or "",
        port=port,
        login=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=unquote(parts.path),
        extra=dict(parse_qsl(parts.query)),
        url=url,
    )


def _from_airflow(conn_id: str) -> str | None:
    """Ask Airflow's own connection store when this process is an Airflow task; elsewhere there is none."""
    if "AIRFLOW_CTX_DAG_ID" not in os.environ:
        return None
    from airflow.sdk import Connection as AirflowConnection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return str(AirflowConnection.get(conn_id).get_uri())
    except AirflowNotFoundException:
        return None


def _key(variable: str, size: int, meaning: str) -> bytes:
    """Read a secret as base64 of at least `size` bytes and stretch it to exactly that size."""
    text = _required(variable, f"{size} random bytes in base64; it {meaning}")
    try:
        secret = base64.b64decode(text, validate=True)
    except ValueError:
        secret = b""
    if len(secret) < size:
        raise SettingsError(
            f"{variable} is not usable: found {len(secret)} bytes, expected base64 of at least {size} random bytes. "
            f"Make one with `xinyong key` and put it into the environment; .env.example explains each setting."
        )
    return secret if len(secret) == size else hashlib.shake_256(secret).digest(size)


def _required(variable: str, meaning: str) -> str:
    return os.environ.get(variable) or _missing(variable, meaning)


def _missing(variable: str, meaning: str) -> NoReturn:
    raise SettingsError(
        f"The environment lacks {variable} ({meaning}). Found: nothing. "
        f"Expected: a value as .env.example explains. Set it, or start everything with `make up`."
    )
