"""The ledger of a date and the set hashes of the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xinyong.catalogue import catalogue
from xinyong.database import connected, run
from xinyong.errors import LedgerError
from xinyong.settings import returned_dir, var_dir
from xinyong.stages import quality

if TYPE_CHECKING:
    from xinyong.report import Ledger

# What a feed says about a business date is known when the night after it begins.
_ZONE, _NIGHT = ZoneInfo("Asia/Shanghai"), time(1, 30)


def report(business_date: date) -> bool:
    """Measure a date; write its ledger and its quality as JSON and page; return whether the ledger balances."""
    from xinyong import assessment
    from xinyong.report import write

    folder = var_dir() / "reports" / business_date.isoformat()
    with connected() as connection:
        measured = assessment.measure(connection, catalogue(), business_date)
    found = read_ledger(business_date)
    write(found, catalogue(), folder)
    assessment.write(measured, catalogue(), folder)
    quality.rectify(business_date)
    return found.balances


def read_ledger(business_date: date) -> Ledger:
    """Return the ledger of a date, with what waits of returned lists now."""
    from xinyong import rectified, returned_folder
    from xinyong.report import ReturnedWaiting, ledger

    files = returned_folder.waiting(returned_dir())
    with connected() as connection:
        corrections = [one.correction_id for one in rectified.waiting(connection)]
        found = ledger(connection, catalogue(), business_date)
    return replace(found, returned=ReturnedWaiting(tuple(files), tuple(corrections)))


def latest_date() -> date:
    """Return the latest business date that has a ledger."""
    with connected() as connection:
        found: date | None = run(connection, "report/latest_date").scalar_one()
    if found is None:
        raise LedgerError("There is no ledger yet. Expected: at least one night. Run one with `make nightly`.")
    return found


def ledger_table(business_date: date) -> Any:
    """Return the ledger of a date as a table for a terminal."""
    from xinyong.report import table

    return table(read_ledger(business_date))


def set_hashes() -> dict[str, str]:
    """Return the set hash of every history table, of the quarantine and of what each platform shows."""
    from xinyong import hashes

    with connected() as connection:
        return hashes.set_hashes(connection, catalogue())
