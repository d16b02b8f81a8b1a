"""Databases of a server: made, copied and dropped, outside any transaction."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

import jinja2
import psycopg2
from psycopg2 import errors

from xinyong.errors import SettingsError
from xinyong.settings import PROJECT


def create_database(url: str, name: str, template: str | None = None) -> bool:
    """Create a database on the server of `url`, empty or as a copy; say whether it was missing."""
    try:
        _execute(url, "create_database", database=_identifier(name), template=_identifier(template) if template else "")
    except errors.DuplicateDatabase:
        return False
    return True


def drop_database(url: str, name: str) -> None:
    """Drop a database on the server of `url`, and end the sessions that are in it."""
    _execute(url, "drop_database", database=_identifier(name))


def _execute(url: str, statement: str, **identifiers: str) -> None:
    """Run a statement of `sql/server`."""
    text = (PROJECT / "sql" / "server" / f"{statement}.sql").read_text(encoding="utf-8")
    connection = psycopg2.connect(urlunsplit(urlsplit(url)._replace(scheme="postgresql")))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(jinja2.Template(text).render(identifiers))
    finally:
        connection.close()


def _identifier(name: str) -> str:
    """Return a name that needs no quoting, or refuse it."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise SettingsError(
            f"A database cannot be called `{name}`. Expected: small letters, digits and `_`, beginning with a letter, "
            f"at most 63 characters. Choose another name."
        )
    return name
