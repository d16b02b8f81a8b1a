"""
The way to the warehouse: connections, statements from `sql/`, bulk rows by COPY, and migration.

SQL lives in files. Values are always bound; what a file writes as `{{ … }}` is an identifier of the
catalogue or a `Fragment` that SQLAlchemy compiled, and anything else is refused.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
import psycopg2
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from xinyong.errors import WarehouseError, WarehouseUnavailable
from xinyong.settings import root, settings

log = logging.getLogger(__name__)

_PIECE = 1 << 18  # characters that COPY is given at a time
IDENTIFIER = re.compile(r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
# Literals are written into fragments, never bound, so no driver may double their percent signs.
DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL that may stand in a statement as it is: SQLAlchemy compiled it, or it is a file of `sql/`."""

    sql: str

    @classmethod
    def of(cls, expression: sa.ClauseElement) -> Fragment:
        """Compile an expression with its literals written out."""
        compiled = str(expression.compile(dialect=DIALECT, compile_kwargs={"literal_binds": True}))
        return cls(compiled.replace(":", r"\:").replace(r"\:\:", "::"))

    @classmethod
    def of_file(cls, name: str, **identifiers: Any) -> Fragment:
        """Take the statement `sql/<name>.sql` for a part of another one, which binds its values."""
        return cls(_environment().get_template(f"{name}.sql").render(**identifiers))


def engine(url: str | sa.URL | None = None, pool_size: int = 0) -> sa.Engine:
    """
    Return the engine of a database, which keeps one connection between transactions while the process lives.

    Who works with several threads and disposes of the engine afterwards gives `pool_size`, their number.
    """
    target = sa.make_url(url or settings().database_url)
    # A time without an offset, in a business system or in ours, is the department's own.
    options = {"options": "-c timezone=Asia/Shanghai"} if target.get_backend_name() == "postgresql" else {}
    if pool_size:
        return sa.create_engine(target, pool_size=pool_size, connect_args=options)
    return _keeping_one(target, os.getpid(), *options.items())


@lru_cache(maxsize=8)
def _keeping_one(target: sa.URL, process: int, *options: tuple[str, str]) -> sa.Engine:  # noqa: ARG001
    """
    Keep one connection, and with it what the server has learnt of our tables; further ones close when they are done.

    A forked `process` is not given its parent's. A connection that broke meanwhile is replaced without a word.
    """
    return sa.create_engine(target, pool_size=1, max_overflow=-1, pool_pre_ping=True, connect_args=dict(options))


@contextmanager
def connected(url: str | None = None) -> Iterator[sa.Connection]:
    """Open one connection and one transaction; commit at the end, roll back on any error."""
    with transaction(engine(url)) as connection:
        yield connection


@contextmanager
def transaction(made: sa.Engine) -> Iterator[sa.Connection]:
    """Run one transaction; what the database refuses is said without the values it refused."""
    with _telling_refusals(), made.begin() as connection:
        yield connection


@contextmanager
def undisturbed(feeds: Iterable[str]) -> Iterator[sa.Connection]:
    """
    Open the transaction of a correction of some feeds: it sees what was committed before it began, and nothing since.

    It measures what it does by looking twice, so what others commit between the two looks would count as its own. Those
    who write the same are waited for and kept out by locks of the session, which must be had before the transaction
    sees anything; what platforms answer and what acts are recorded meanwhile is not seen.
    """
    made = engine().execution_options(isolation_level="REPEATABLE READ")
    wanted = sorted(feeds)
    with _telling_refusals(), made.connect() as connection:
        try:
            if held := run(connection, "correction/held", feeds=wanted).scalars().all():
                log.warning("waiting for %s to end; what was asked begins by itself then", ", ".join(held))
            run(connection, "correction/hold", feeds=wanted)
            connection.commit()
            with connection.begin():
                yield connection
        finally:
            _let_go(connection)


def _let_go(connection: sa.Connection) -> None:
    """Give the session's locks back; where that fails, the session goes, and its locks with it."""
    try:
        if not connection.invalidated:
            connection.rollback()
            run(connection, "correction/let_go")
            connection.commit()
    except BaseException:
        connection.invalidate()
        raise


@contextmanager
def _telling_refusals() -> Iterator[None]:
    """
    Say what the database refuses without the values it refused.

    A driver's own error quotes the row it failed on, and would carry names and texts into task logs.
    """
    try:
        yield
    except (sa.exc.DBAPIError, psycopg2.Error) as error:
        raise _refusal(getattr(error, "orig", None) or error) from None


# SQLSTATE classes of what may pass: connection, rollback by the server (deadlock), resources, intervention, lock.
_MAY_PASS = ("08", "40", "53", "57", "55P03")


def _refusal(original: BaseException) -> WarehouseError:
    """Return what to raise for an error of the driver; a connection that broke has no code."""
    code = getattr(original, "pgcode", None)
    has_gone = code is None and isinstance(original, psycopg2.OperationalError | psycopg2.InterfaceError)
    kind = WarehouseUnavailable if has_gone or (code or "").startswith(_MAY_PASS) else WarehouseError
    return kind(_without_data(original, code or "no code"))


def _without_data(original: BaseException, code: str) -> str:
    """Say what the database refused: the kind of error, and where; data errors (class 22) quote values and are cut."""
    said = getattr(original, "diag", None)
    place = [said.schema_name, said.table_name, said.constraint_name] if said else []
    where = ".".join(part for part in place if part) or "the connection"
    told = (said.message_primary if said else None) or str(original).strip().partition("\n")[0]
    found = type(original).__name__ if code.startswith("22") else f"{type(original).__name__}: {told}"
    return (
        f"The warehouse refused a statement at {where}. Found: {found} ({code}). Expected: no error. Nothing of this "
        "step was kept; clearing the task is safe. If it stays so, the server's own log has the details."
    )


def statement(name: str, **identifiers: Any) -> sa.TextClause:
    """Return `sql/<name>.sql` with its identifiers filled in, ready for bound values."""
    return _filled(name, **identifiers) if identifiers else _plain(name)


def _filled(name: str, **identifiers: Any) -> sa.TextClause:
    return _text(_environment().get_template(f"{name}.sql").render(**identifiers))


@lru_cache(maxsize=512)  # a night of all feeds has some three hundred
def _text(sql: str) -> sa.TextClause:
    """Look for the values that a statement binds once, which takes longer for a long one than to send it."""
    return sa.text(sql)


_plain = cache(_filled)


def run(
    connection: sa.Connection, name: str, identifiers: Mapping[str, Any] | None = None, /, **values: object
) -> sa.CursorResult[Any]:
    """Execute one statement file with bound values and return its result."""
    return connection.execute(statement(name, **(identifiers or {})), values)


def script(name: str) -> str:
    """Return a file of several statements without parameters, for migrations."""
    return (root() / "sql" / f"{name}.sql").read_text("utf-8").replace(":", r"\:").replace(r"\:\:", "::")


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(root() / "sql"),
        undefined=jinja2.StrictUndefined,
        finalize=_safe,
        autoescape=False,  # noqa: S701 – this renders SQL; `finalize` admits identifiers only
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,  # all of them: they are a few hundred, and Jinja's limited cache is searched in a row
    )
    made.filters["of"] = _of
    made.filters["fragment"] = Fragment  # for the output of a macro, whose parts were checked when it was made
    return made


def _of(columns: list[str], alias: str) -> list[str]:
    """Qualify columns: `{{ columns | of("staged") }}`."""
    return [f"{alias}.{column}" for column in columns]


def _safe(value: Any) -> Any:
    """Admit identifiers, lists of them and compiled fragments into SQL, nothing else."""
    if isinstance(value, list):
        return ", ".join(_safe(one) for one in value)
    if isinstance(value, Fragment):
        return value.sql
    if isinstance(value, str) and IDENTIFIER.match(value):
        return value
    if isinstance(value, jinja2.Undefined):
        raise WarehouseError(f"A statement lacks `{value._undefined_name}`. Expected: every name that its file writes.")
    raise WarehouseError(f"A statement was given {value!r}. Expected: a lower-case identifier of the catalogue.")


def copy(connection: sa.Connection, table: str, columns: list[str], lines: Any) -> None:
    """Stream text in COPY's own format (anything with `read(size)`) into a table; an empty cell is NULL."""
    target = statement("landing/copy", table=table, columns=columns)
    cursor = connection.connection.cursor()
    reader = _Reader(lines)
    try:
        cursor.copy_expert(target.text, reader, _PIECE)
    except Exception:
        if reader.failure:
            raise reader.failure from None
        raise
    finally:
        cursor.close()


@dataclass(slots=True)
class _Reader:
    """What COPY reads from; it keeps the error of its source, which the driver would make one of the database."""

    lines: Any
    failure: Exception | None = None

    def read(self, size: int) -> str:
        try:
            return str(self.lines.read(size))
        except Exception as error:
            self.failure = error
            raise


def migrate(url: str | None = None) -> None:
    """Bring a database to today's structure: Alembic's steps first, then what the catalogue declares."""
    from alembic import command
    from alembic.config import Config

    from xinyong.catalogue import catalogue
    from xinyong.tables import follow_catalogue

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with connected(url) as connection:
        # Two processes that migrate at once wait for each other.
        run(connection, "migrations/lock")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        follow_catalogue(connection, catalogue())
