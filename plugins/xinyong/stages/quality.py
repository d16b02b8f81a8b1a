"""The acts and measures of quality: timeliness, scores, rectification lists, quarantine, judging again."""

from __future__ import annotations

import logging
from datetime import date, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from xinyong.catalogue import catalogue
from xinyong.database import connected, undisturbed
from xinyong.settings import returned_dir, var_dir

if TYPE_CHECKING:
    from pathlib import Path

    from xinyong.assessment import Measured
    from xinyong.correction import Correction
    from xinyong.quarantine import Act, Entry
    from xinyong.recheck import Rechecked
    from xinyong.rectification import Written
    from xinyong.rectified import Taken
    from xinyong.scores import Assessment

# What a feed says about a business date is known when the night after it begins.
_ZONE, _NIGHT = ZoneInfo("Asia/Shanghai"), time(1, 30)


def timeliness(business_date: date, section: str | None = None) -> Measured:
    """Judge timeliness on a date once more and return it, of one section or of all; nothing is kept."""
    from xinyong import timeliness as stage
    from xinyong.assessment import Measured

    with connected() as connection:
        stage.measure(connection, catalogue(), business_date)
        waiting = stage.waiting(connection, catalogue(), business_date, section)
        standings = stage.standings(connection, section)
    return Measured(business_date, tuple(standings), tuple(waiting), (), None)


def score(business_date: date, by: str | None = None) -> Assessment:
    """Score a date by the thresholds then in force, or by others."""
    from xinyong.scores import assess, thresholds

    with connected() as connection:
        return assess(connection, thresholds(catalogue(), business_date, by), business_date, business_date)


def score_month(month: date, by: str | None = None, path: Path | None = None) -> Assessment:
    """Score a month by the thresholds in force on its last day, or by others; write its workbook where asked to."""
    from xinyong import monthly
    from xinyong.scores import assess, thresholds

    first, last = monthly.month_of(month)
    with connected() as connection:
        chosen = thresholds(catalogue(), last, by)
        if path:
            return monthly.write(connection, catalogue(), chosen, month, path)
        return assess(connection, chosen, first, last)


def rectify(business_date: date, folder: Path | None = None, section: str | None = None) -> list[Written]:
    """Write the rectification list of each section, or of one, beside the ledger of the date or into a folder."""
    from xinyong import rectification

    where = folder or var_dir() / "reports" / business_date.isoformat()
    with connected() as connection:
        return rectification.rectify(connection, catalogue(), business_date, where, section)


def take_returned(path: Path, person: str, business_date: date, answer_path: Path | None = None) -> Taken:
    """Take a filled rectification list in: judge its corrections, apply those that pass, write the answer beside it."""
    from xinyong.rectified import take_in
    from xinyong.return_answer import answer
    from xinyong.returned_list import read

    returned = read(catalogue(), path, business_date)
    docs_dir = var_dir() / "reports" / "data_docs"
    with undisturbed({one.feed for one in returned.filled if one.feed}) as connection:
        taken = take_in(connection, catalogue(), returned, person, business_date, docs_dir)
    answer(catalogue(), taken, answer_path or path.with_name(f"{path.stem}_回执.xlsx"))
    return taken


def take_all_returned(person: str, business_date: date, file: str | None = None) -> None:
    """Take in what lies in the folder of returned lists, or one file; raise at the end for those that could not be."""
    from xinyong import returned_folder

    def take(path: Path, answer_path: Path) -> Taken:
        return take_returned(path, person, business_date, answer_path)

    returned_folder.take_all(returned_dir(), file, take)


def any_returned(business_date: date) -> bool:
    """Say whether lists that were taken in on a day let records into the warehouse."""
    from xinyong import rectified

    with connected() as connection:
        return rectified.any_taken(connection, business_date)


def returned_waiting() -> list[Correction]:
    """Return the corrections of returned lists that wait for a second person."""
    from xinyong import rectified

    with connected() as connection:
        return rectified.waiting(connection)


def recheck(feed: str, since: date | None = None) -> Rechecked:
    """Judge a feed's batches again from landing, all or those since a date, and store what that changes."""
    from xinyong import recheck as stage

    with connected() as connection:
        found = stage.recheck(connection, catalogue(), catalogue().feeds[feed], since)
    logging.getLogger(__name__).info("judged again: %s", found)
    return found


def decide(act: Act, sought: str, person: str, reason: str, business_date: date) -> Entry:
    """Waive or release a quarantine entry."""
    from xinyong import quarantine

    with connected() as connection:
        return quarantine.decide(connection, catalogue(), act, sought, person, reason, business_date)


def quarantined(business_date: date, section: str | None, state: str | None) -> list[Entry]:
    """Return the quarantine entries of a section and state."""
    from xinyong.quarantine import entries

    with connected() as connection:
        return entries(connection, business_date, section, state)
