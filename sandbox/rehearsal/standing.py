"""What stands after a night, in the warehouse and at the platforms, in a form that can be compared."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sandbox.city_checks import TABLES
from sandbox.city_store import BATCH, CityStore
from sandbox.national_store import NationalStore
from sandbox.rehearsal.place import told_sql
from xinyong import stages
from xinyong.database import connected

LARGEST = 1_000_000
SUBJECTS, TERMS = "search/subjects/", "search/terms/"
PAGES, SEARCH = "pages of the portal", "what its search finds"

Standing = dict[str, Any]


def believed(when: date) -> Standing:
    """Return what the pipeline knows: set hashes, the ledger, and the fate of everything it told."""
    found: Standing = {f"set hash of {name}": value for name, value in stages.set_hashes().items()}
    ledger = stages.read_ledger(when)
    found["the ledger"] = without_numbers(ledger.as_dict())
    found["a ledger that balances"] = ledger.balances
    with connected() as connection:
        rows = connection.execute(told_sql("told")).all()
    found["items told"] = [tuple(row) for row in rows]
    return found


def shown(var: Path) -> Standing:
    """Return what the platforms of a scene hold, in their own books, and how often each was given it."""
    return {**_city(var / "sandbox"), **_national(var / "national"), **portal_shows(var / "portal")}


def portal_shows(folder: Path) -> Standing:
    """Return every file of the public folder, and what its search finds."""
    names = {path: str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()}
    numbered = {name: _data(path) for path, name in names.items() if name.startswith((SUBJECTS, TERMS))}
    pages = {name: _digest(path) for path, name in names.items() if name not in numbered}
    return {PAGES: pages, SEARCH: _findable(numbered)}


def differences(expected: Standing, found: Standing) -> list[str]:
    """Name everything that is not as it would be had nothing happened."""
    return [
        f"{name}: {_shorten(expected.get(name))} ≠ {_shorten(found.get(name))}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]


def without_numbers(value: Any) -> Any:
    """Leave out the numbers of batches, also where a sentence names one: a batch that was begun in vain used it up."""
    if isinstance(value, dict):
        return {name: without_numbers(one) for name, one in value.items() if name != "batch_id"}
    if isinstance(value, list):
        return [without_numbers(one) for one in value]
    return re.sub(r"\bBatch \d+", "Batch …", value) if isinstance(value, str) else value


def _city(folder: Path) -> Standing:
    with closing(CityStore(folder / "city.sqlite")) as store:
        listed = {table: store.listing(table, 1, LARGEST)["records"] for table in TABLES}
        with store.transaction() as connection:
            batches = connection.execute(sa.select(sa.func.count()).select_from(BATCH)).scalar_one()
    return {"records at the city": listed, "batches the city took": batches}


def _national(folder: Path) -> Standing:
    with closing(NationalStore(folder / "node.sqlite")) as store:
        rows = Counter(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in store.shown())
    waiting = len(list((folder / "inbox").glob("*.xlsx")))
    taken = len(list((folder / "archive").glob("*.xlsx")))
    return {"records at the national node": rows, "files it took": taken, "files that wait": waiting}


def _findable(files: Mapping[str, Any]) -> Standing:
    """
    Return what each file of the search finds, with subjects in place of their numbers.

    The portal numbers subjects as it meets them. A message that is told again comes behind its followers, and then new
    subjects have each other's numbers; whoever searches finds the same.
    """
    known = {row[0]: row[1:] for name, rows in files.items() if name.startswith(SUBJECTS) for row in rows}
    found: Standing = {"subjects": sorted(known.values(), key=str)}
    for name, terms in files.items():
        if name.startswith(TERMS):
            found[name] = {
                term: (count, sorted(known.get(number, ["nobody"])[0] for number in accumulate(steps)))
                for term, (count, *steps) in terms.items()
            }
    return found


def _data(path: Path) -> Any:
    """Return what a file of the search hands to its page."""
    call = path.read_text("ascii")
    return json.loads(f"[{call[call.index('(') + 1 : call.rindex(')')]}]")[1]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}…"
