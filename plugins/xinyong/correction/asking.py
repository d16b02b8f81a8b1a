"""From the form that a person fills in (command line or Airflow) to a correction that can be planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

import sqlalchemy as sa

from xinyong import restatement
from xinyong.catalogue import Catalogue
from xinyong.catalogue.feeds import Feed
from xinyong.catalogue.words import Disclosure
from xinyong.correction import book, reading
from xinyong.correction.plans import KINDS, Asked, CorrectionError, Kind
from xinyong.database import run

Form = Mapping[str, Any]


def ask(connection: sa.Connection, catalogue: Catalogue, form: Form) -> Asked:
    """
    Return the correction that a form describes.

    `kind`, `feed`, `person` and `reason` always; then by kind `file` (restate; with `folder` where a form looks into
    one), `first` and `last` (re-extract, or the decision dates of a disclosure change), `since` (re-judge), `batch_id`
    (retract), `documents`, `disclosure`, `fields`, `basis` and `document_number` (disclosure).
    """
    kind = form.get("kind")
    if kind not in KINDS:
        raise CorrectionError(f"There is no correction `{kind}`. Expected one of: {', '.join(KINDS)}.")
    feed = feed_of(catalogue, form.get("feed"))
    parameters = _READERS[kind](connection, catalogue, feed, form)
    return Asked(kind, feed.name, parameters, str(form.get("person") or ""), str(form.get("reason") or ""))


def feed_of(catalogue: Catalogue, name: str | None) -> Feed:
    """Return a feed by its name; one that is missing or unknown is refused with those there are."""
    found = catalogue.feeds.get(name or "")
    if found is None:
        said = f"There is no feed `{name}`" if name else "`feed` is missing"
        raise CorrectionError(f"{said}. Expected one of: {', '.join(catalogue.feeds)}.")
    return found


def _restate(connection: sa.Connection, catalogue: Catalogue, feed: Feed, form: Form) -> dict[str, Any]:
    path = _file(form)
    found = restatement.resolve(connection, catalogue, feed, book.read(path))
    return {"restatements": [one.as_dict() for one in found], "origin": path.name}


def _file(form: Form) -> Path:
    """Find the file of a restatement; a form that looks into a folder is told what lies there instead."""
    given, folder = str(form.get("file") or ""), form.get("folder")
    if folder is None or (given and Path(given).is_file()):
        return Path(_given(form, "file"))
    lying = sorted(one.name for one in Path(folder).glob("*.xlsx") if not one.name.startswith("~$"))
    missing = f"There is no file `{Path(given).name}`" if given else "`file` is missing"
    raise CorrectionError(
        f"{missing}. Found in {folder}: {', '.join(lying) or 'no .xlsx file'}. Expected: the name of a file there, "
        "filled like the one of `xinyong correct template`. Nothing has changed; put it there or name it, plan again."
    )


def _re_extract(connection: sa.Connection, catalogue: Catalogue, feed: Feed, form: Form) -> dict[str, Any]:
    first, last = date.fromisoformat(_given(form, "first")), date.fromisoformat(_given(form, "last"))
    reading.check_interval(connection, feed, first, last)
    return {"first": first.isoformat(), "last": last.isoformat()}


def _re_judge(connection: sa.Connection, catalogue: Catalogue, feed: Feed, form: Form) -> dict[str, Any]:
    since = form.get("since")
    latest = run(connection, "correction/known_dates", feed=feed.name).one().last_date
    if since and (latest is None or date.fromisoformat(since) > latest):
        raise CorrectionError(
            f"{feed.name} has no batch since {since}; its latest night is {latest}. Expected: a date up to it, or "
            "none, to judge everything again. Nothing has changed."
        )
    return {"since": since or None}


def _retract(connection: sa.Connection, catalogue: Catalogue, feed: Feed, form: Form) -> dict[str, Any]:
    return {"batch_id": int(_given(form, "batch_id"))}


def _disclosure(connection: sa.Connection, catalogue: Catalogue, feed: Feed, form: Form) -> dict[str, Any]:
    chosen = _given(form, "disclosure")
    if chosen not in get_args(Disclosure):
        raise CorrectionError(f"There is no class `{chosen}`. Expected one of: {', '.join(get_args(Disclosure))}.")
    told = {"basis": _given(form, "basis"), "document_number": _given(form, "document_number")}
    records = _records(connection, feed, form)
    return {"records": records, "disclosure": chosen, "fields": sorted(form.get("fields") or ()), **told}


def _records(connection: sa.Connection, feed: Feed, form: Form) -> list[str]:
    """Find the live records of a set: those named, or those decided in an interval."""
    names = list(form.get("documents") or ())
    interval = {"first": form.get("first"), "last": form.get("last")}
    if not names and not all(interval.values()):
        raise CorrectionError("No records are named. Expected: documents, or the first and the last decision date.")
    view = {"record_type": feed.record_type}
    rows = run(connection, "correction/find_records", view, feed=feed.name, sought=names, **interval).all()
    unknown = sorted(set(names) - {row.name for row in rows})
    if unknown or not rows:
        raise CorrectionError(
            f"{feed.name} has no live record {', '.join(unknown[:8]) or 'decided in that interval'}. Expected: "
            "documents or record ids that `xinyong explain` finds as live. Nothing has changed."
        )
    return sorted({row.record_id for row in rows})


_READERS: dict[Kind, Callable[[sa.Connection, Catalogue, Feed, Form], dict[str, Any]]] = {
    "restate": _restate,
    "re-extract": _re_extract,
    "re-judge": _re_judge,
    "retract": _retract,
    "disclosure": _disclosure,
}


def _given(form: Form, name: str) -> str:
    value = form.get(name)
    if value in (None, ""):
        raise CorrectionError(
            f"`{name}` is missing. Expected: it is needed for `{form['kind']}`. Give it and plan again."
        )
    return str(value)
