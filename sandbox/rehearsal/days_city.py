"""Bad days of the city platform, reached over its web service."""

from __future__ import annotations

import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from sandbox.city_store import BATCH, PROBLEM, RECORD, SHOWN, CityStore
from sandbox.habits import NORMAL
from sandbox.rehearsal.day import BadDay, House, listed
from sandbox.rehearsal.place import acting
from xinyong.settings import catalogue_dir

CITY = "city"
CONNECTION = "AIRFLOW_CONN_XINYONG_CITY"
TELLING, ASKING, TOKEN = "POST /api/batches", "GET /api", "POST /token"
MANY = 1_000
IMPATIENT = {'timeout_seconds: "30"': 'timeout_seconds: "2"'}


@dataclass(frozen=True, slots=True)
class Town:
    """The city platform of a scene, as somebody knows it who may tell it how to behave."""

    url: str
    books: Path

    def shows(self, habit: str, times: int = MANY, on: str = TELLING) -> None:
        """Let it show a habit."""
        address = urlsplit(self.url)
        told = {"habit": habit, "times": times, "on": on}
        url = f"http://{address.hostname}:{address.port}/sandbox/habits"
        requests.post(url, json=told, timeout=30).raise_for_status()

    def behaves(self) -> None:
        """Let it behave well from now on."""
        self.shows(NORMAL)

    def loses(self, *tables: sa.Table) -> None:
        """Let it be restored from a backup in which these books were empty."""
        for table in tables:
            self._change(sa.delete(table))

    def alters(self) -> None:
        """Let it change one record that it shows by itself."""
        first = sa.select(sa.func.min(RECORD.c.key)).where(RECORD.c.state == SHOWN).scalar_subquery()
        self._change(sa.update(RECORD).where(RECORD.c.key == first).values(hash="0" * 64))

    def _change(self, statement: sa.Executable) -> None:
        with closing(CityStore(self.books)) as store, store.transaction() as connection:
            connection.execute(statement)


def town() -> Town:
    """Return the city platform of the scene that this process acts in."""
    return Town(os.environ[CONNECTION], Path(os.environ["XINYONG_VAR"]) / "sandbox" / "city.sqlite")


def _behaving(bad: Callable[[Town], None]) -> Callable[[], AbstractContextManager[None]]:
    """Let the platform behave badly for a while, and well afterwards."""

    @contextmanager
    def during() -> Iterator[None]:
        bad(town())
        yield
        town().behaves()

    return during


def _habit(name: str, times: int = MANY, on: str = TELLING) -> Callable[[], AbstractContextManager[None]]:
    return _behaving(lambda town: town.shows(name, times, on))


def _down(town: Town) -> None:
    for on in (TOKEN, TELLING, ASKING):
        town.shows("down", on=on)


def _loses_the_answer(town: Town) -> None:
    town.shows("loses_answer")
    town.shows("down", on=ASKING)


def _refuses_a_key(town: Town) -> None:
    """Take the message, lose the answer; deny the batch when asked, and refuse its key when it is sent again."""
    town.shows("loses_answer", 1)
    town.shows("refuses_key")
    town.shows("denies", on="GET /api/batches")


def _forgets(town: Town) -> None:
    town.loses(BATCH, PROBLEM, RECORD)


def _forgets_batches(town: Town) -> None:
    town.loses(BATCH, PROBLEM)


@contextmanager
def _false_certificate() -> Iterator[None]:
    """Reach the platform at an address whose certificate nobody has signed."""
    with tempfile.TemporaryDirectory() as folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_self_signed(Path(folder) / "self-signed.pem"))
        server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with acting({CONNECTION: f"https://gongxin:secret@127.0.0.1:{server.server_address[1]}/"}):
                yield
        finally:
            server.shutdown()
            server.server_close()


def _self_signed(path: Path) -> Path:
    """Write a key and a certificate that it signed itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    certificate = built.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


DAYS = (
    BadDay("down for three days", _behaving(_down), nights=3),
    BadDay("slow: answers come after our patience has ended", _habit("slow", 6)),
    BadDay("answers 500", _habit("error_500")),
    BadDay("answers a page for people, in HTML", _habit("html")),
    BadDay("answers half a sentence", _habit("broken_json")),
    BadDay("takes everything and loses the answer", _behaving(_loses_the_answer)),
    BadDay("takes half of each batch", _habit("accepts_half")),
    BadDay("lists each problem twice", _habit("repeats_problems", on="GET /api/problems")),
    BadDay("has no time: 429", _habit("busy_429")),
    BadDay("clock wrong: every token has expired", _habit("clock_ahead")),
    BadDay("certificate wrong", _false_certificate),
    BadDay("refuses a key that it took", _behaving(_refuses_a_key), nights=2),
    BadDay("restored from an old backup: everything is forgotten", _behaving(_forgets), nights=0, good=1),
    BadDay("forgets its batches, keeps its records", _behaving(_forgets_batches), nights=0, good=1),
    BadDay("changes a record by itself", _behaving(Town.alters), nights=0, good=1),
)


@contextmanager
def changed_catalogue(lines: Mapping[str, str]) -> Iterator[None]:
    """Let this process run with a copy of the catalogue in which some lines of the city's file are others."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "catalogue"
        shutil.copytree(catalogue_dir(), copied)
        city = copied / "platforms" / "city.yml"
        text = city.read_text("utf-8")
        for line, other in lines.items():
            text = text.replace(line, other)
        city.write_text(text, "utf-8")
        with acting({"XINYONG_CATALOGUE": str(copied)}):
            yield


HOUSE = House("city platform", CITY, DAYS, partial(listed, CITY), partial(changed_catalogue, IMPATIENT))
