"""
The PostgreSQL server of people who have none.

The programs come from a locked Python wheel (or from the folder that XINYONG_POSTGRES_BIN names), the data lies under
`var/postgres`, and the server listens on 127.0.0.1 only, on a port chosen once, with a generated password. It works for
an ordinary user and for root. PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, whichever
exists first, and when that user cannot reach `var` (a clone below a private home), data and a copy of the programs lie
under `/var/lib/xinyong` in a folder named after the path of `var`. No directory of yours changes its mode.
"""

from __future__ import annotations

from pathlib import Path

from xinyong.postgres.databases import create_database, drop_database
from xinyong.postgres.embedded import EmbeddedPostgres
from xinyong.postgres.external import ExternalPostgres
from xinyong.settings import external_server

__all__ = ["EmbeddedPostgres", "ExternalPostgres", "Server", "create_database", "drop_database", "server"]

Server = EmbeddedPostgres | ExternalPostgres


def server(var: Path) -> Server:
    """Return the server of the warehouse: that of XINYONG_DATABASE_URL where it is set, else the embedded one."""
    base = external_server()
    return ExternalPostgres(base) if base else EmbeddedPostgres(var)
