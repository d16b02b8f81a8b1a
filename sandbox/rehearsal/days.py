"""
Bad days of a platform: what it does, who sees it, and how many nights pass until its listing is what it should be.

Every day ends in one of two ways. Either the nights that follow bring the platform to its desired state by themselves,
or the difference stays visible, is written down as a plan, and the plan brings it there.
"""

from __future__ import annotations

import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import requests
import sqlalchemy as sa

from sandbox.city_store import BATCH, PROBLEM, RECORD, SHOWN, CityStore
from sandbox.habits import NORMAL
from sandbox.rehearsal.night import publication
from sandbox.rehearsal.place import Actor, Ground, Scene, acting
from sandbox.rehearsal.points import Place, Watch, watched
from sandbox.rehearsal.trial import Verdict, needed
from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.settings import catalogue_dir
from xinyong.stages import publication as tasks

CITY = "city"
CONNECTION = "AIRFLOW_CONN_XINYONG_CITY"
TELLING, ASKING, TOKEN = "POST /api/batches", "GET /api", "POST /token"
MANY = 1_000
NIGHTS = 4  # after the bad ones; what is not settled by then stays with a person
LONGEST = 3  # bad nights in a row
PERSON = "值班员"

Listing = dict[str, str]
Bad = Callable[["Town"], None]


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


@dataclass(frozen=True, slots=True)
class BadDay:
    """What a platform does, on how many nights, before or after it is told, and by what it must be seen."""

    name: str
    bad: Bad
    nights: int = 1
    afterwards: bool = False


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


DAYS = (
    BadDay("down for three days", _down, nights=3),
    BadDay("slow: answers come after our patience has ended", lambda town: town.shows("slow", 6)),
    BadDay("answers 500", lambda town: town.shows("error_500")),
    BadDay("answers a page for people, in HTML", lambda town: town.shows("html")),
    BadDay("answers half a sentence", lambda town: town.shows("broken_json")),
    BadDay("takes everything and loses the answer", _loses_the_answer),
    BadDay("takes half of each batch", lambda town: town.shows("accepts_half")),
    BadDay("lists each problem twice", lambda town: town.shows("repeats_problems", on="GET /api/problems")),
    BadDay("has no time: 429", lambda town: town.shows("busy_429")),
    BadDay("clock wrong: every token has expired", lambda town: town.shows("clock_ahead")),
    BadDay("certificate wrong", lambda town: None),
    BadDay("refuses a key that it took", _refuses_a_key, nights=2),
    BadDay("restored from an old backup: everything is forgotten", lambda t: t.loses(BATCH, PROBLEM, RECORD), 1, True),
    BadDay("forgets its batches, keeps its records", lambda town: town.loses(BATCH, PROBLEM), 1, True),
    BadDay("changes a record by itself", Town.alters, 1, True),
)
CERTIFICATE = "certificate wrong"


@dataclass(frozen=True, slots=True)
class Account:
    """How a bad day went: what was seen in the ledger on the bad nights, and what ended it after how many more."""

    seen: tuple[str, ...]
    nights: int
    findings: int
    ends: str
    on: date
    listing: Listing
    met: tuple[Place, ...]


def lived_through(
    ground: Ground, scene: Scene, when: date, expected: dict[date, Listing], name: str
) -> tuple[Verdict, Account]:
    """Live through a bad day in a copy of a scene in which the night of a date is aggregated and not yet told."""
    day = next(day for day in DAYS if day.name == name)  # the days themselves hold what cannot travel to a process
    with ground.copied(scene, "bad day") as copied:
        actor = Actor(partial(_live, day, when))
        with ground.playing(copied) as environment:
            account: Account = needed(actor.act(environment))
    wanted = expected[account.on]
    differences = [] if account.listing == wanted else [f"{len(account.listing)} records shown, not {len(wanted)}"]
    if not account.ends:
        differences.append("neither settled nor repaired")
    if not account.seen and (account.nights > 1 or account.findings):
        differences.append("nothing of it was visible")
    return Verdict(f"{day.name}: {_told(account)}", tuple(differences)), account


def undisturbed(ground: Ground, scene: Scene, when: date) -> dict[date, Listing]:
    """Return what the platform lists after each of the nights that follow when it behaves."""
    with ground.copied(scene, "good day") as copied:
        actor = Actor(partial(_good, when))
        with ground.playing(copied) as environment:
            listings: dict[date, Listing] = needed(actor.act(environment))
    return listings


def _told(account: Account) -> str:
    seen = "; ".join(dict.fromkeys(account.seen))
    return f"seen as [{seen}]; {account.ends}"


def _good(when: date) -> dict[date, Listing]:
    listings = {}
    for night in range(LONGEST + 2 * NIGHTS):
        publication(CITY, when + timedelta(days=night))
        listings[when + timedelta(days=night)] = _listing()
    return listings


def _live(day: BadDay, when: date) -> Account:
    town = Town(os.environ[CONNECTION], Path(os.environ["XINYONG_VAR"]) / "sandbox" / "city.sqlite")
    with watched(Watch()) as watch, _impatient():
        seen = list(_bad_nights(day, town, when))
        town.behaves()
        after = when + timedelta(days=day.nights)
        return _until_settled(seen, after, watch)


def _bad_nights(day: BadDay, town: Town, when: date) -> Iterator[str]:
    if day.afterwards:
        publication(CITY, when)
        day.bad(town)
        return
    day.bad(town)
    with _false_certificate() if day.name == CERTIFICATE else acting({}):
        for night in range(day.nights):
            publication(CITY, when + timedelta(days=night))
            yield from _visible(when + timedelta(days=night))


def _until_settled(seen: list[str], when: date, watch: Watch) -> Account:
    """Run nights until the platform shows what it should; a difference that stays becomes a plan."""
    findings, ends, today = 0, "", when
    for night in range(2 * NIGHTS):
        today = when + timedelta(days=night)
        publication(CITY, today)
        seen += _visible(today)
        verification, _ = tasks.verify(CITY, today)
        if verification.holds and not _open(when, today):
            by = f"a plan of {findings} records and " if findings else ""
            ends = f"true after {by}{night + 1} more night{'s' if night else ''}"
            return Account(tuple(seen), night + 1, findings, ends, today, _listing(), tuple(watch.met))
        if night >= NIGHTS - 1 or verification.findings:
            findings += _repaired(today)
    return Account(tuple(seen), 2 * NIGHTS, findings, ends, today, _listing(), tuple(watch.met))


def _repaired(today: date) -> int:
    """Write down what differs as a plan and carry it out; return how many records it put right."""
    found, number = tasks.verify(CITY, today, PERSON)
    return tasks.apply_repair(CITY, number, PERSON, today).get("applied", 0) if number and found.findings else 0


def _visible(today: date) -> Iterator[str]:
    """Say what a person sees of it in the ledger of a night."""
    row = next(row for row in stages.read_ledger(today).platforms if row.platform == CITY)
    if row.open:
        yield f"{row.open} open"
    if row.rejected:
        yield f"{row.rejected} rejected"
    if row.listing_difference:
        yield str(row.listing_difference)
    if row.problem:
        yield "a problem in words"


def _open(since: date, today: date) -> int:
    """Return how many items of a bad night or a later one have no answer yet."""
    nights = [today - timedelta(days=past) for past in range((today - since).days + LONGEST + 1)]
    ledgers = [row for night in nights for row in stages.read_ledger(night).platforms if row.platform == CITY]
    return sum(row.open for row in ledgers)


def _listing() -> Listing:
    adapter = tasks.adapter_of(CITY)
    records = catalogue().platforms[CITY].records
    return {f"{name}|{key}": value for name in records for key, value in (adapter.listing(name) or {}).items()}


@contextmanager
def _impatient() -> Iterator[None]:
    """Wait for an answer of the platform for a second only, so that a slow one costs the rehearsal little."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "catalogue"
        shutil.copytree(catalogue_dir(), copied)
        city = copied / "platforms" / "city.yml"
        city.write_text(city.read_text("utf-8").replace('timeout_seconds: "30"', 'timeout_seconds: "2"'), "utf-8")
        with acting({"XINYONG_CATALOGUE": str(copied)}):
            yield


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
