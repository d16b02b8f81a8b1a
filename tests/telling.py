"""What the tests of publication share: a small published world, and answers given by hand or by real stand-ins."""

from __future__ import annotations

import json
import sqlite3
import urllib.request
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deliveries import FIRST, a_subject, rows, take_in
from messages import HEADINGS
from staged import COMPANY, VALID

from sandbox.systems import Setting, running, signing_key
from tests.conftest import TEST_KEYS
from xinyong import stages
from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.errors import PlatformError
from xinyong.platforms import Answer
from xinyong.publish import load
from xinyong.receipts import apply_answers
from xinyong.tables import follow_catalogue, metadata, renew_views

NAME = VALID["penalty"]["cf_xdr_mc"]
FEED = "enforcement_penalty"
PLATFORMS = ("city", "national", "portal")


def key_of(number, decided="2026-11-20"):
    """Return how platforms call the penalty of this number."""
    return f"{NAME}|闽明工信罚〔2026〕{number}号|{decided}"


def known_subject():
    """Let the registration base know the company of all valid records."""
    take_in("registry_subject", FIRST, [a_subject(NAME, COMPANY)])
    stages.aggregate(FIRST)


def taken_in(when, records, feed=FEED, declared=None):
    """Take in a delivery and bring everything derived up to date."""
    take_in(feed, when, records, declared)
    stages.aggregate(when)


def told(platform, when):
    """Reconcile and return the items of that date's messages."""
    stages.reconcile(platform, when)
    return rows(
        "SELECT item.operation, item.reason, item.natural_key FROM publication.item JOIN publication.message "
        "USING (platform, number) WHERE platform = :platform AND business_date = :when ORDER BY number, position",
        platform=platform,
        when=when,
    )


def messages(platform):
    """Return number, date, kind, size and state of every message to a platform."""
    return rows(
        "SELECT number, business_date, kind, item_count, state FROM publication.message "
        "WHERE platform = :platform ORDER BY number",
        platform=platform,
    )


def answered(platform, state="accepted", code=None, only=None):
    """Let a platform answer everything that is open, all alike, or only one natural key."""
    open_messages = (
        "SELECT DISTINCT number FROM publication.item WHERE platform = :platform AND state = 'open' ORDER BY 1"
    )
    numbers = [number for (number,) in rows(open_messages, platform=platform)]
    nothing = (
        "SELECT number FROM publication.message WHERE platform = :platform AND state = 'written' AND item_count = 0"
    )
    for number in [*numbers, *(number for (number,) in rows(nothing, platform=platform))]:
        with connected() as connection:
            message, _ = load(connection, platform, number)
            items = [item for item in message.items if only in (None, item.natural_key)]
            apply_answers(connection, message, [Answer(item.position, state, code, None, "原因") for item in items])


def published(platform):
    """Return the natural keys that a platform is known to show."""
    query = "SELECT natural_key FROM publication.published WHERE platform = :platform ORDER BY 1"
    return [key for (key,) in rows(query, platform=platform)]


@contextmanager
def declared(platform, **changes):
    """Let the pipeline run with one platform declared otherwise, gate included."""
    found = catalogue()
    changed = found.platforms[platform].model_copy(update=changes)
    with running_by(replace(found, platforms=found.platforms | {platform: changed})) as other:
        yield other


@contextmanager
def running_by(other):
    """Let the pipeline run by another catalogue, its gate included, and its tables where it has others."""
    tasks = (stages.acts, stages.intake, stages.publication, stages.quality, stages.ledger)
    kept = [task.catalogue for task in tasks]
    for task in tasks:
        task.catalogue = lambda: other
    has_own_tables = metadata(other).tables.keys() != metadata(catalogue()).tables.keys()
    with connected() as connection:
        (follow_catalogue if has_own_tables else renew_views)(connection, other)
    try:
        yield other
    finally:
        for task, own in zip(tasks, kept, strict=True):
            task.catalogue = own


@dataclass(frozen=True)
class Town:
    """The running stand-ins of the three platforms."""

    var: Path
    connections: dict[str, str]

    def shown(self):
        """Return what the city platform shows: one entry per record it holds in publicity."""
        with closing(sqlite3.connect(self.var / "sandbox" / "city.sqlite")) as books:
            return sorted(key for (key,) in books.execute("SELECT key FROM record WHERE state = '1'"))

    def batches(self):
        """Return the keys of the batches that the city platform took."""
        with closing(sqlite3.connect(self.var / "sandbox" / "city.sqlite")) as books:
            return [key for (key,) in books.execute("SELECT batch FROM batch ORDER BY rowid")]

    def city(self, habit, times=1, on="POST /api/batches"):
        """Let the city platform behave badly the next times."""
        url = "http://" + self.connections["AIRFLOW_CONN_XINYONG_CITY"].rpartition("@")[2] + "sandbox/habits"
        body = json.dumps({"habit": habit, "times": times, "on": on}).encode()
        urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=10).close()


@contextmanager
def town_running(var, patch):
    """Run the three platforms with a registration base that knows the company of all valid records."""
    key = signing_key(TEST_KEYS["XINYONG_SIGNING_KEY"])
    with running(Setting(var, "postgresql://nowhere/enforcement", key)) as connections:
        registry = var / "sandbox" / "registry" / f"registry_{FIRST:%Y%m%d}.csv"
        registry.write_text(f"{HEADINGS}\n{NAME},{COMPANY},350402100000017,{COMPANY[8:17]},,,存续\n", "utf-8")
        for name, url in connections.items():
            patch.setenv(name, url)
        yield Town(var, connections)


def published_night(platform, when):
    """Run a platform's part of a night; return what went wrong."""
    problems = []
    for number in stages.reconcile(platform, when):
        try:
            stages.send(platform, number)
            stages.collect(platform, number)
        except PlatformError as error:
            problems.append(str(error))
    stages.settle_platform(platform, when)
    return problems


def platform_row(platform, when):
    """Return a platform's row in the ledger of a date."""
    return next(row for row in stages.read_ledger(when).platforms if row.platform == platform)
