"""What the national node shows; it outlives a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

METADATA = sa.MetaData()

RECORD = sa.Table(
    "record",
    METADATA,
    sa.Column("template", sa.Text, primary_key=True),
    sa.Column("document", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("row", sa.JSON, nullable=False),
    sa.Column("is_shown", sa.Boolean, nullable=False),
)
DELIVERY = sa.Table(
    "delivery",
    METADATA,
    sa.Column("file", sa.Text, primary_key=True),
    sa.Column("feedback", sa.JSON, nullable=False),
)

Key = tuple[str, str, str]  # heading of the document, document, name
Feedback = list[list[str]]  # the rows of a feedback file


@dataclass(slots=True)
class Changes:
    """What one file changes: records to show and records to show no longer."""

    shown: dict[Key, dict[str, str]] = field(default_factory=dict)
    withdrawn: list[Key] = field(default_factory=list)


@dataclass(slots=True)
class NationalStore:
    """One SQLite file; what a delivered file changed and its feedback are one transaction."""

    path: Path
    _engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        pool = sa.NullPool  # every use opens and closes the file: a request that ends last leaves nothing open
        self._engine = sa.create_engine(f"sqlite:///{self.path}", poolclass=pool, connect_args={"timeout": 30})
        METADATA.create_all(self._engine)

    def close(self) -> None:
        self._engine.dispose()

    def feedback(self, file: str) -> Feedback | None:
        """Return what was answered to a file that was judged before."""
        query = sa.select(DELIVERY.c.feedback).where(DELIVERY.c.file == file)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def is_shown(self, key: Key) -> bool:
        with self._engine.connect() as connection:
            return bool(connection.execute(sa.select(RECORD.c.is_shown).where(_named(key))).scalar_one_or_none())

    def keep(self, file: str, feedback: Feedback, changes: Changes | None = None) -> Feedback:
        """Keep what a file changed and what is answered to it; return the answer."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(DELIVERY).values(file=file, feedback=feedback))
            for key, row in changes.shown.items() if changes else ():
                connection.execute(_showing(key, row))
            for key in changes.withdrawn if changes else ():
                connection.execute(sa.update(RECORD).where(_named(key)).values(is_shown=False))
        return feedback

    def shown(self) -> list[dict[str, Any]]:
        """Return the rows that the public sees."""
        query = sa.select(RECORD.c.row).where(RECORD.c.is_shown).order_by(RECORD.c.template, RECORD.c.document)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())


def _named(key: Key) -> sa.ColumnElement[bool]:
    template, document, name = key
    return sa.and_(RECORD.c.template == template, RECORD.c.document == document, RECORD.c.name == name)


def _showing(key: Key, row: dict[str, str]) -> sa.Executable:
    named = dict(zip(("template", "document", "name"), key, strict=True))
    statement = insert(RECORD).values(**named, row=row, is_shown=True)
    new = {"row": statement.excluded.row, "is_shown": True}
    return statement.on_conflict_do_update(index_elements=list(named), set_=new)
