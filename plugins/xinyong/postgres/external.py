"""A PostgreSQL server that somebody else runs, used like the embedded one."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit, urlunsplit

from xinyong.postgres.databases import create_database, drop_database


@dataclass(frozen=True, slots=True)
class ExternalPostgres:
    """A server given by the URL of one of its databases."""

    base: str = field(repr=False)

    def start(self) -> bool:
        """Start nothing; say that nothing was started."""
        return False

    def stop(self) -> None:
        """Leave the server alone: it is not ours."""

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return urlunsplit(urlsplit(self.base)._replace(path=f"/{database}"))

    def create_database(self, name: str, template: str | None = None) -> bool:
        """Create a database, empty or as a copy; say whether it was missing."""
        return create_database(self.base, name, template)

    def drop_database(self, name: str) -> None:
        """Drop a database and end the sessions that are in it."""
        drop_database(self.base, name)

    def __enter__(self) -> ExternalPostgres:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None
