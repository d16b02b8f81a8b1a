"""Read a business system's own database through a server-side cursor, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from xinyong.catalogue.feeds import DatabaseSource, Feed
from xinyong.database import engine, statement
from xinyong.errors import SourceError, SourceUnavailable, UnexpectedShape
from xinyong.extract.delivery import Delivery, check_columns
from xinyong.sealing import without_numbers
from xinyong.settings import connection

_ROWS_AT_ONCE = 5_000
_CONNECT_SECONDS = "10"  # a silent host would else hold the task for minutes; a connection's own value prevails


def read(feed: Feed, source: DatabaseSource) -> Delivery:
    """Run the feed's query; the connection closes when the rows are read or given up."""
    made = engine(_url(source.connection))
    where = f"{source.connection}: query sql/{source.query}.sql"
    try:
        opened = made.connect().execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
    except sa.exc.OperationalError as error:
        made.dispose()
        raise SourceUnavailable(_unreachable(source.connection, error)) from None
    try:
        result = opened.execute(statement(source.query))
        columns = tuple(result.keys())
        check_columns(feed, where, columns)
    except sa.exc.DBAPIError as error:
        _close(opened, made)
        raise _failed(source.connection, where, error) from None
    except Exception:
        _close(opened, made)
        raise
    return Delivery(where, columns, _rows(source.connection, where, result, opened, made))


def _rows(name: str, where: str, result: Any, opened: sa.Connection, made: sa.Engine) -> Iterator[Sequence[Any]]:
    try:
        yield from result
    except sa.exc.DBAPIError as error:
        raise _failed(name, where, error) from None
    finally:
        _close(opened, made)


def _close(opened: sa.Connection, made: sa.Engine) -> None:
    opened.close()
    made.dispose()


def _url(name: str) -> sa.URL:
    """Name the driver: without it SQLAlchemy 2.1 would take another one."""
    url = sa.make_url(connection(name).url)
    drivers = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}
    if url.drivername in drivers and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    return url.set(drivername=drivers.get(url.drivername, url.drivername))


def _failed(name: str, where: str, error: sa.exc.DBAPIError) -> SourceError:
    """Tell a server that went away from a query that the system's tables no longer fit."""
    if isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError):
        return SourceUnavailable(_unreachable(name, error))
    return UnexpectedShape(
        f"{where} does not fit the system's tables. Found: {_first_line(error)}. Expected: the tables and values that "
        "the query names. Ask the vendor what changed and correct the query."
    )


def _unreachable(name: str, error: sa.exc.DBAPIError) -> str:
    return (
        f"{name}: its database does not answer. Found: {_first_line(error)}. Expected: a connection as declared in "
        f"AIRFLOW_CONN_XINYONG_{name.upper()}. The feed is tried again; if it stays so, ask the system's operator."
    )


def _first_line(error: sa.exc.DBAPIError) -> str:
    """Return what the server said, without a value that it may quote."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return without_numbers(lines[0])
