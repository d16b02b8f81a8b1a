"""
Bad days of the platforms: who sees them, and how many nights pass until what is shown is what it should be.

Every day ends in one of two ways. Either the nights that follow bring the platform to its desired state by themselves,
or the difference stays visible, is written down as a plan, and the plan brings it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from sandbox.rehearsal import days_city, days_exchange, days_national, days_portal
from sandbox.rehearsal.day import BadDay, House, Listing, unlinked
from sandbox.rehearsal.night import publication
from sandbox.rehearsal.place import Actor, Ground, Scene
from sandbox.rehearsal.points import Place, Watch, watched
from sandbox.rehearsal.trial import Verdict, needed
from xinyong import stages
from xinyong.stages import publication as tasks
from xinyong.verification import RepairError

NIGHTS = 4  # after the bad ones; what is not settled by then stays with a person
LONGEST = 3  # bad nights in a row
STAYS = 2  # nights in a row on which all is well; the portal has two folders, of which each is public every other time
PERSON = "值班员"
HOUSES = {house.name: house for house in (days_city.HOUSE, days_exchange.HOUSE, days_national.HOUSE, days_portal.HOUSE)}


@dataclass(frozen=True, slots=True)
class Account:
    """How a bad day went: what was seen in the ledger on the bad nights, and what ended it after how many more."""

    seen: tuple[str, ...]
    nights: int
    findings: int
    ends: str
    on: date
    listing: Listing
    unlinked: frozenset[str]
    met: tuple[Place, ...]


def lived_through(
    ground: Ground, scene: Scene, when: date, expected: dict[date, Listing], house: str, name: str
) -> tuple[Verdict, Account]:
    """Live through a bad day in a copy of a scene in which the night of a date is aggregated and not yet told."""
    day = next(day for day in HOUSES[house].days if day.name == name)  # itself, it cannot travel to a process
    with ground.copied(scene, "bad day") as copied:
        actor = Actor(partial(live, HOUSES[house], day, when))
        with ground.playing(copied) as environment:
            account: Account = needed(actor.act(environment))
    differences = list(_unlike(expected[account.on], account.listing, account.unlinked))
    if not account.ends:
        differences.append("neither settled nor repaired")
    if not account.seen and (account.nights > 1 or account.findings):
        differences.append("nothing of it was visible")
    return Verdict(f"{day.name}: {_told(account)}", tuple(differences)), account


def undisturbed(ground: Ground, scene: Scene, when: date, house: str) -> dict[date, Listing]:
    """Return what a platform shows after each of the nights that follow when it behaves."""
    with ground.copied(scene, "good day") as copied:
        actor = Actor(partial(_good, HOUSES[house], when))
        with ground.playing(copied) as environment:
            listings: dict[date, Listing] = needed(actor.act(environment))
    return listings


def live(house: House, day: BadDay, when: date) -> Account:
    """Live through a bad day in the scene of this process."""
    with house.ready(), watched(Watch()) as watch:
        for past in range(day.good):
            publication(house.platform, when + timedelta(days=past))
        begin = when + timedelta(days=day.good)
        with day.during():
            seen = list(_bad_nights(house, day, begin))
        return _until_settled(house, seen, begin + timedelta(days=day.nights), watch)


def _unlike(wanted: Listing, found: Listing, refused: frozenset[str]) -> Iterator[str]:
    """Name some of what is shown and should not be, or the other way round; what stands refused may be absent."""
    known = refused - found.keys()
    unlike = sorted(key for key in (wanted.keys() | found.keys()) - known if wanted.get(key) != found.get(key))
    if unlike:
        yield f"{len(found)} shown, not {len(wanted)}; {len(unlike)} are not as they should be: {'; '.join(unlike[:3])}"


def _told(account: Account) -> str:
    seen = "; ".join(dict.fromkeys(account.seen))
    return f"seen as [{seen}]; {account.ends}"


def _good(house: House, when: date) -> dict[date, Listing]:
    listings = {}
    with house.ready():
        for night in range(LONGEST + 2 * NIGHTS):
            publication(house.platform, when + timedelta(days=night))
            listings[when + timedelta(days=night)] = house.shown()
    return listings


def _bad_nights(house: House, day: BadDay, begin: date) -> Iterator[str]:
    for night in range(day.nights):
        publication(house.platform, begin + timedelta(days=night))
        yield from _visible(house.platform, begin + timedelta(days=night))


def _until_settled(house: House, seen: list[str], when: date, watch: Watch) -> Account:
    """Run nights until the platform shows what it should, and shows it still the night after."""
    findings, settled = 0, 0
    for night in range(2 * NIGHTS):
        today = when + timedelta(days=night)
        publication(house.platform, today)
        seen += _visible(house.platform, today)
        verification, _ = tasks.verify(house.platform, today)
        settled = settled + 1 if verification.holds else 0
        if settled == STAYS:
            return _account(house, seen, findings, night + 2 - STAYS, today, watch)
        if verification.findings or (night >= NIGHTS - 1 and not verification.holds):
            findings += _repaired(house.platform, today)
    return _account(house, seen, findings, 0, today, watch)


def _account(house: House, seen: list[str], findings: int, nights: int, today: date, watch: Watch) -> Account:
    by = f"a plan of {findings} records and " if findings else ""
    ends = f"true after {by}{nights} more night{'s' if nights > 1 else ''}" if nights else ""
    refused = unlinked(house.platform, today)
    if ends and refused:
        ends += f"; {len(refused)} stand refused, whose subject it does not know"
    return Account(tuple(seen), nights, findings, ends, today, house.shown(), refused, tuple(watch.met))


def _repaired(platform: str, today: date) -> int:
    """Write down what differs as a plan and carry it out; return how many records it put right."""
    _, number = tasks.verify(platform, today, PERSON)
    try:
        return tasks.apply_repair(platform, number, PERSON, today).get("applied", 0) if number else 0
    except RepairError:
        return 0  # everything in it is for a person


def _visible(platform: str, today: date) -> Iterator[str]:
    """Say what a person sees of it in the ledger of a night."""
    row = next(row for row in stages.read_ledger(today).platforms if row.platform == platform)
    if row.open:
        yield f"{row.open} open"
    if row.rejected:
        yield f"{row.rejected} rejected"
    if row.listing_difference:
        yield f"{row.listing_difference} differ"
    if row.problem:
        yield "a problem in words"
