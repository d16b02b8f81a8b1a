"""The tasks of publication: a delta per platform, its messages, their receipts."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xinyong.catalogue import catalogue
from xinyong.database import connected, engine, transaction
from xinyong.settings import connection as access
from xinyong.settings import settings

if TYPE_CHECKING:
    from xinyong.catalogue.platforms import Platform
    from xinyong.fitness import Unfit
    from xinyong.platforms import Adapter
    from xinyong.publish import Published
    from xinyong.rejections import Rejection
    from xinyong.signing import Signer, Sm2
    from xinyong.verification import Verification

# What a feed says about a business date is known when the night after it begins.
_ZONE, _NIGHT = ZoneInfo("Asia/Shanghai"), time(1, 30)


def reconcile(platform: str, business_date: date, whole: bool = False) -> list[int]:
    """Write a platform's messages down, of touched records or of all; return the numbers of those that are due."""
    from xinyong import reconcile as stage

    declared = catalogue().platforms[platform]
    with connected() as connection:
        return stage.reconcile(connection, declared, business_date, signer_of(declared), whole)


def send(platform: str, number: int, business_date: date | None = None) -> None:
    """Bring one message to its platform; one whose fate is unknown is asked for first."""
    from xinyong import publish

    made = engine()
    try:
        publish.send(made, adapter_of(platform), platform, number, business_date)
    finally:
        made.dispose()


def collect(platform: str, number: int, business_date: date | None = None) -> None:
    """Collect the receipts of one message, dated with a night's business date or else with the message's own."""
    from xinyong import publish, receipts

    made, pause = engine(), catalogue().platforms[platform].wait_seconds
    try:
        with transaction(made) as connection:
            message, state = publish.load(connection, platform, number)
        if state not in receipts.settled:
            receipts.collect(made, adapter_of(platform), message, pause, business_date)
    finally:
        made.dispose()


def publish(platform: str, business_date: date, whole: bool = False) -> Published:
    """
    Run a platform's part of a night in this process, as many calls at once as it allows.

    With `whole`, all records are compared, not only those that may differ since the last time.

    Returns what went wrong and what is still open; whatever happened, the platform's ledger row is written.
    """
    from xinyong.publish import Published, bring_all

    declared = catalogue().platforms[platform]
    numbers = reconcile(platform, business_date, whole)
    made = engine(pool_size=declared.calls_at_once)
    try:
        problems = bring_all(made, lambda: adapter_of(platform), declared, numbers, business_date)
    finally:
        made.dispose()
    listing = settle_platform(platform, business_date)
    found = _open_in_all(platform)
    return Published(tuple(map(str, problems)), found.open_items, found.open_messages, listing)


def _open_in_all(platform: str) -> Any:
    """Return how many items and messages of a platform have no answer."""
    from xinyong.database import run

    with connected() as connection:
        return run(connection, "publication/open_in_all", platform=platform).one()


def settle_platform(platform: str, business_date: date) -> str | None:
    """
    Write a platform's ledger row, renew those of nights with open items, and note which acts it has taken.

    Returns how what the platform lists differs from what it confirmed, in words.
    """
    from xinyong.cases import confirm
    from xinyong.report import settle_platform

    declared, asked = catalogue().platforms[platform], adapter_of(platform)
    with connected() as connection:
        listing = settle_platform(connection, declared, asked, business_date)
    with connected() as connection:
        confirm(connection, catalogue(), platform, asked, business_date)
    return listing


def verify(platform: str, business_date: date, person: str | None = None) -> tuple[Verification, int | None]:
    """Compare what a platform shows with what it should; given a person, write what was found down as a plan."""
    from xinyong import verification

    declared = catalogue().platforms[platform]
    with connected() as connection:
        found = verification.verify(connection, declared, adapter_of(platform), business_date)
        number = verification.plan(connection, found, person, business_date) if person and found.findings else None
    return found, number


def apply_repair(platform: str, number: int, person: str, business_date: date) -> dict[str, int]:
    """Carry out a plan of repairs; the next reconcile tells the platform what follows."""
    from xinyong import verification

    with connected() as connection:
        return verification.apply(connection, catalogue().platforms[platform], number, person, business_date)


def unfit(platform: str, business_date: date) -> list[Unfit]:
    """Name the records that are cleared for a platform and do not fit it."""
    from xinyong import fitness

    with connected() as connection:
        return list(fitness.unfit(connection, catalogue().platforms[platform], business_date))


def rejections(
    business_date: date, section: str | None = None, platform: str | None = None, everything: bool = False
) -> list[Rejection]:
    """Return what platforms did not take and nobody has told again since."""
    from xinyong.rejections import rejections as listed

    with connected() as connection:
        return listed(connection, catalogue(), business_date, section, platform, everything)


def adapter_of(platform: str) -> Adapter:
    """Return the adapter of a platform, with its credentials and keys."""
    from xinyong.platforms import adapter

    declared = catalogue().platforms[platform]
    return adapter(declared, catalogue().department, access(declared.connection), signer_of(declared))


def signer_of(platform: Platform) -> Signer:
    """Return the signer that a platform declares: HMAC-SM3 with the shared secret, SM2 with the department's key."""
    from xinyong.signing import Sm2, signer

    return sm2_signer() if platform.signature == Sm2.algorithm else signer(platform.signature, settings().signing_key)


_SIGNING = (
    "the department's SM2 key, which `xinyong keypair` makes; a platform goes without one when its file in "
    "catalogue/platforms/ says `signature: HMAC-SM3`"
)


def sm2_signer() -> Sm2:
    """Return the department's SM2 key, the password of the connection `signing`."""
    from xinyong.signing import Sm2

    found = access("signing", _SIGNING)
    try:
        return Sm2(bytes.fromhex(found.password))
    except ValueError:
        return Sm2(b"")
