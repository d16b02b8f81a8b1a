"""Bad days of the national node, which answers by files in a folder and lists nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from sandbox.national import HABIT, write_feedback_again
from sandbox.national_store import NationalStore
from sandbox.rehearsal.day import BadDay, House, Listing, full_disk
from sandbox.rehearsal.place import acting
from xinyong.settings import connection

NATIONAL = "national"
CONNECTION = "AIRFLOW_CONN_XINYONG_NATIONAL"


def _folder() -> Path:
    return Path(connection(NATIONAL).path)


def _shown() -> Listing:
    """Return the rows that the public sees at the node, by its own books."""
    with closing(NationalStore(_folder() / "node.sqlite")) as store:
        rows = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in store.shown()]
    return {row: str(rows.count(row)) for row in rows}


def _habit(name: str) -> Callable[[], AbstractContextManager[None]]:
    """Let the node show a habit; afterwards it writes its feedback again, as it does when it is asked to."""

    @contextmanager
    def during() -> Iterator[None]:
        path = _folder() / HABIT
        path.write_text(name, "utf-8")
        yield
        path.unlink()
        write_feedback_again(_folder())

    return during


@contextmanager
def _not_mounted() -> Iterator[None]:
    with acting({CONNECTION: (_folder() / "nowhere").as_uri()}):
        yield


@contextmanager
def _taken_twice() -> Iterator[None]:
    """Put every file back that the node has taken, as a courier does who begins anew."""
    for path in (_folder() / "archive").glob("*.xlsx"):
        shutil.copy(path, _folder() / "inbox" / path.name)
    yield


@contextmanager
def _unknown() -> Iterator[None]:
    """Let feedback arrive to a file that we never wrote."""
    known = next((_folder() / "feedback").glob("CF_*.xlsx"))
    shutil.copy(known, known.with_name("CF_99999999_another-department.xlsx"))
    yield


DAYS = (
    BadDay("no feedback for three days", _habit("closed"), nights=3),
    BadDay("feedback that cannot be read", _habit("garbles")),
    BadDay("feedback with other rows than the file had", _habit("mixes")),
    BadDay("every file sent back whole, as damaged on its way", _habit("refuses")),
    BadDay("feedback to a file that we never wrote", _unknown),
    BadDay("files taken a second time", _taken_twice, nights=0, good=1),
    BadDay("folder not mounted", _not_mounted, nights=2),
    BadDay("no room in its folder", full_disk),
)

HOUSE = House("national node", NATIONAL, DAYS, _shown)
