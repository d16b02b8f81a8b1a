"""
The database channel: an exchange database (前置库) of plain tables, one row per record, and no receipts.

A row is found by its natural key (party, document, decision date). What the table shows under the key, read back in
the transaction that wrote it, is the receipt. No match or several where there should be one are never guessed about:
the item is rejected with a sentence, and a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from xinyong.catalogue.platforms import Platform
from xinyong.errors import PlatformUnavailable
from xinyong.platforms import ABSENT, Answer, Item, Message
from xinyong.platforms.exchange_table import ExchangeTable, exchange_table
from xinyong.settings import Connection

NO_MATCH, SEVERAL, OCCUPIED, OUTSIDE, REFUSED, ALTERED = (
    *("no_match", "several_matches", "occupied", "outside_window", "row_refused", "altered"),
)
SENTENCES = {
    NO_MATCH: "前置库中没有可撤销的记录：按相对人名称、文书号、决定日期未找到，请人工核对",
    SEVERAL: "前置库中存在多条相同数据（{count}条），按主键无法确定是哪一条，请人工核对",
    OCCUPIED: "前置库中已有同一主键而内容不同的记录，并非本次报送所写，未予覆盖，请人工核对",
    OUTSIDE: "该信息不在可撤销的时间范围之内（决定日期超过{days}天），请与信用办人工办理",
    REFUSED: "前置库拒绝写入本条记录（{kind}），请核对各列长度与格式",
    ALTERED: "写入后读回的内容与报送内容不一致（{column}），已撤回写入，请核对该列长度与字符集",
}
DRIVERS = {
    "postgres": "postgresql+psycopg2",
    "postgresql": "postgresql+psycopg2",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mssql": "mssql+pyodbc",
    "oracle": "oracle+oracledb",
}


class _NotKept(Exception):
    """Raised inside the transaction of one item to undo it; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def exchange_adapter(platform: Platform, access: Connection) -> ExchangeAdapter:
    """Build the adapter from what the catalogue declares and where the exchange database is reached."""
    days = platform.options.get("withdrawal_days")
    return ExchangeAdapter(
        platform=platform.name,
        url=_url(access),
        seconds=int(platform.options.get("timeout_seconds", "30")),
        tables={name: exchange_table(taken, platform.formats) for name, taken in platform.records.items()},
        withdrawal_days=int(days) if days else None,
    )


@dataclass(slots=True)
class ExchangeAdapter:
    """The exchange database of a platform."""

    platform: str
    url: sa.URL = field(repr=False)
    seconds: int
    tables: Mapping[str, ExchangeTable]
    withdrawal_days: int | None = None
    _asked: set[str] = field(init=False, repr=False, default_factory=set)

    def send(self, message: Message) -> list[Answer]:
        """Write item by item, each in a transaction of its own, so that one bad row stays alone; return the answers."""
        with self._connected() as connection:
            return [self._tell(connection, message, item) for item in message.items]

    def ask(self, message: Message) -> list[Answer] | None:
        """
        Look up every item by its key; None while one of them is not there yet, because sending again is safe.

        A message that is asked for was handed over before: a withdrawal that then finds no row has done its work.
        """
        self._asked.add(message.idempotency_key)
        with self._connected() as connection:
            answers = [self._held(connection, item) for item in message.items]
        return None if any(answer.code == ABSENT for answer in answers) else answers

    def listing(self, record_type: str) -> dict[str, str] | None:
        """Return what the table holds; a key that stands there more than once has its count in place of a hash."""
        with self._connected() as connection:
            return self.tables[record_type].listing(connection)

    def _tell(self, connection: sa.Connection, message: Message, item: Item) -> Answer:
        try:
            with connection.begin():
                self._write(connection, message, item)
        except _NotKept as kept:
            return kept.answer
        except (sa.exc.DataError, sa.exc.IntegrityError) as error:
            return _rejected(item, REFUSED, kind=type(error.orig).__name__)
        return Answer(item.position, "accepted")

    def _write(self, connection: sa.Connection, message: Message, item: Item) -> None:
        table = self.tables[item.record_type]
        found = table.matching(connection, item)
        if len(found) > 1:
            raise _NotKept(_rejected(item, SEVERAL, count=len(found)))
        if item.operation == "withdraw":
            self._withdraw(connection, message, item, len(found))
            return
        if found and table.differing(item, found[0]) is None:
            return
        if found and item.operation != "update":
            raise _NotKept(_rejected(item, OCCUPIED))
        if found:
            table.update(connection, item)
        else:
            table.insert(connection, item)
        self._read_back(connection, item)

    def _withdraw(self, connection: sa.Connection, message: Message, item: Item, count: int) -> None:
        if count == 0:
            again = message.idempotency_key in self._asked
            raise _NotKept(Answer(item.position, "accepted") if again else _rejected(item, NO_MATCH))
        if self.withdrawal_days is not None and _decided_on(item) < message.business_date - timedelta(
            days=self.withdrawal_days
        ):
            raise _NotKept(_rejected(item, OUTSIDE, days=self.withdrawal_days))
        self.tables[item.record_type].delete(connection, item)

    def _read_back(self, connection: sa.Connection, item: Item) -> None:
        """Hold what the database made of a row against what was told; a shortened text must not become public."""
        table = self.tables[item.record_type]
        found = table.matching(connection, item)
        if len(found) != 1:
            raise _NotKept(_rejected(item, ALTERED, column="、".join(table.key)))
        if column := table.differing(item, found[0]):
            raise _NotKept(_rejected(item, ALTERED, column=column))

    def _held(self, connection: sa.Connection, item: Item) -> Answer:
        table = self.tables[item.record_type]
        found = table.matching(connection, item)
        if len(found) > 1:
            return _rejected(item, SEVERAL, count=len(found))
        if item.operation == "withdraw":
            return Answer(item.position, "accepted") if not found else _absent(item, "前置库中仍有本条记录")
        if found and table.differing(item, found[0]) is None:
            return Answer(item.position, "accepted")
        return _absent(item, "按主键查询无本条记录的当前内容")

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """Open a connection; whatever goes wrong with it is said without the values of any row."""
        made = sa.create_engine(self.url, poolclass=NullPool, connect_args=_patience(self.url, self.seconds))
        try:
            with made.connect() as connection:
                yield connection
        except (sa.exc.DBAPIError, sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
            raise self._unusable(error) from None
        finally:
            made.dispose()

    def _unusable(self, error: Exception) -> PlatformUnavailable:
        original = getattr(error, "orig", None) or error
        code = getattr(original, "pgcode", None) or next(iter(getattr(original, "args", ())), None)
        found = f"{type(original).__name__} {code}" if isinstance(code, int) else f"{type(original).__name__}"
        found = f"{found} {code}" if isinstance(code, str) and len(code) == PGCODE else found
        return PlatformUnavailable(
            f"Platform {self.platform}: the exchange database at {self.url.host or self.url.database} did not do its "
            f"part. Found: {found}. Expected: {self._expected()}. Rows that were committed stay and are "
            f"recognised by their key, so repeating the task is safe."
        )

    def _expected(self) -> str:
        names = ", ".join(table.name for table in self.tables.values())
        return f"the tables {names}, open to our account, without a lock of more than {self.seconds} s"


PGCODE = 5


def _rejected(item: Item, code: str, **parts: object) -> Answer:
    return Answer(item.position, "rejected", code, None, SENTENCES[code].format(**parts))


def _absent(item: Item, text: str) -> Answer:
    return Answer(item.position, "unknown", ABSENT, None, text)


def _decided_on(item: Item) -> date:
    """Return the decision date, the last part of every natural key."""
    return date.fromisoformat(item.natural_key.rpartition("|")[2])


def _url(access: Connection) -> sa.URL:
    """Name the driver; a connection may name another one, as in `mysql+mysqldb://…`."""
    url = sa.make_url(access.url)
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    return url.update_query_dict({"charset": "utf8mb4"}) if url.drivername == "mysql+pymysql" else url


def _patience(url: sa.URL, seconds: int) -> dict[str, Any]:
    """Let no lock and no silent host hold a task: each driver is told so in its own words."""
    waits: dict[str, Callable[[], dict[str, Any]]] = {
        "postgresql": lambda: {
            "connect_timeout": min(seconds, 10),
            "options": f"-c lock_timeout={seconds}s -c statement_timeout={seconds}s -c timezone=Asia/Shanghai",
        },
        "mysql": lambda: {
            "connect_timeout": min(seconds, 10),
            "read_timeout": seconds,
            "write_timeout": seconds,
        },
    }
    known = waits.get(url.get_backend_name())
    return known() if known else {}
