"""The enforcement system: a vendor's PostgreSQL database with names, habits and soft deletes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from sandbox.dice import Dice
from sandbox.enterprises import COMPANY, NATURAL, SOLE_TRADER
from sandbox.feed_records import FeedRecords
from sandbox.records import Fields, Record
from sandbox.spelling import AMOUNT_FIELDS, spelled
from sandbox.story import day_of

_SQL = Path(__file__).parent / "sql"
_PARTY_KINDS = {COMPANY: "1", NATURAL: "2", SOLE_TRADER: "4"}
_UNKNOWN_KIND = "9"  # not in the vendor's dictionary
_FIRST_DECISION, _FIRST_PARTY, _FIRST_DRAFT = 20_000, 70_000, 10**9
_DRAFT_EVERY = 50  # one decision in fifty has a discarded draft beside it, deleted before the first night

_PARTY = ("SHXYM", "GSZC", "ZZJG", "SWDJ", "SYDW", "SHZZ")
_DECISION_HEAD = ("CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR")
_DECISION_TAIL = ("CF_NR_ZKDX", "CF_JDRQ", "CF_YXQ", "CF_GSJZQ", "CF_CFJG", "CF_CFJGDM", "CF_SJLY", "CF_SJLYDM", "BZ")

Row = tuple[object, ...]


def source_key(index: int) -> str:
    """Return the vendor's own id of a decision."""
    return str(_FIRST_DECISION + index)


def load(url: str, records: FeedRecords) -> None:
    """Put the database into the state of a night, in one transaction."""
    with _cursor(url) as cursor, TemporaryFile("w+") as parties, TemporaryFile("w+") as decisions:
        for party, decision in rows(records):
            _write(parties, party)
            _write(decisions, decision)
        for name in ("schema", "clear", "dictionary"):
            cursor.execute(_statement(name))
        for name, file in (("copy_dsr", parties), ("copy_cfjd", decisions)):
            file.seek(0)
            cursor.copy_expert(_statement(name), file)


def rows(records: FeedRecords) -> Iterator[tuple[Row, Row]]:
    """List party and decision of every record, the deleted ones and the discarded drafts included."""
    state = records.state
    for index in range(state.size):
        record = records.record(index)
        fields = spelled(record.fields, Dice(records.seed, "spelling", records.feed, index))
        is_deleted = index in state.deleted
        yield _party(index, record, fields), _decision(_FIRST_DECISION + index, record, fields, is_deleted=is_deleted)
        if index % _DRAFT_EVERY == 10:
            draft = {**fields, "CF_WSH": f"{record.fields['CF_WSH']}（草稿）"}
            party = (_FIRST_DRAFT + index, *_party(index, record, fields)[1:])
            yield party, _decision(_FIRST_DRAFT + index, record, draft, is_deleted=True)


def _party(index: int, record: Record, fields: Fields) -> Row:
    kind = _PARTY_KINDS.get(record.fields["CF_XDR_LB"] or "", _UNKNOWN_KIND)
    codes = (fields[f"CF_XDR_{part}"] for part in _PARTY)
    people = (fields[name] for name in ("CF_FRDB", "CF_FR_ZJLX", "CF_FR_ZJHM", "CF_XDR_ZJLX", "CF_XDR_ZJHM"))
    return (_FIRST_PARTY + index, fields["CF_XDR_MC"], kind, *codes, *people)


def _decision(number: int, record: Record, fields: Fields, *, is_deleted: bool) -> Row:
    party = number if number >= _FIRST_DRAFT else _FIRST_PARTY + record.index
    amounts = (_in_yuan(record.fields[name]) for name in sorted(AMOUNT_FIELDS))
    entered = datetime.combine(record.decided, time(9, record.index % 60)) + timedelta(days=1)
    return (
        number,
        party,
        *(fields[name] for name in _DECISION_HEAD),
        *amounts,
        *(fields[name] for name in _DECISION_TAIL),
        "1" if is_deleted else "0",
        entered,
        _changed(record, entered),
    )


def _changed(record: Record, entered: datetime) -> datetime | None:
    """Write a time of change that nobody can rely on: absent for a third, not moved for half of the changed records."""
    if record.index % 3 == 0:
        return None
    if record.changed_on is None or record.index % 2:
        return entered
    return datetime.combine(day_of(record.changed_on), time(17, 30))


def _in_yuan(wan: str | None) -> str | None:
    """Shift 万元 to 元, digit by digit."""
    if wan is None:
        return None
    whole, _, decimals = wan.partition(".")
    decimals = f"{decimals:0<6}"
    return f"{whole}{decimals[:4]}.{decimals[4:]}"


def _write(file: IO[str], row: Row) -> None:
    file.write("\t".join(map(_copy_text, row)) + "\n")


def _copy_text(value: object) -> str:
    """Write a value in COPY's text format."""
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


@contextmanager
def _cursor(url: str) -> Iterator[Any]:
    """Open a transaction; make the database first when the server does not have it."""
    target = make_url(url).set(drivername="postgresql+psycopg2")
    engine = create_engine(target, poolclass=NullPool)
    try:
        engine.connect().close()
    except OperationalError:
        _create(target)
    with engine.begin() as connection:
        yield connection.connection.cursor()


def _create(url: URL) -> None:
    engine = create_engine(url.set(database="postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(_statement("database"))


def _statement(name: str) -> str:
    return (_SQL / f"enforcement_{name}.sql").read_text(encoding="utf-8")


def texts(rows_: Iterable[tuple[Row, Row]]) -> Iterator[str]:
    """Write rows as text, for comparisons."""
    for party, decision in rows_:
        yield "\t".join(map(_copy_text, (*party, *decision)))
