"""The rehearsal as a whole: its parts, one after the other, and what came out of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sandbox.rehearsal import cuts, days, disk, kills, losses, reach, trial
from sandbox.rehearsal.night import acts
from sandbox.rehearsal.place import Ground, Scene, ground
from sandbox.rehearsal.plan import Rehearsal, rehearsed
from sandbox.rehearsal.points import Place
from sandbox.rehearsal.trial import Crew, Verdict
from sandbox.story import CHANGES, TROUBLE, day_of

CUT_EVERY = 25  # a night sends some thousand statements; what is between two commits looks the same from outside
TOLD_EVERY = 50
TROUBLED = ("intake approvals_licence", "intake safety_licence_legacy", "intake safety_penalty")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a rehearsal: what was done how often, what differed afterwards, and how long it took."""

    name: str
    tried: int
    differing: tuple[Verdict, ...]
    seconds: float


def rehearse(folder: Path, parts: Sequence[str], every: int, jobs: int, tell: Tell) -> Iterator[Part]:
    """Rehearse the chosen parts in an empty folder and yield each as it is through."""
    if "disk" in parts:
        (folder / "disk").mkdir()
        yield _part("disk full while landing", tell, lambda: iter([disk.starved(folder / "disk", day_of(1))]))
    if {"kills", "cuts", "days"} & set(parts):
        (folder / "night").mkdir()
        with ground(folder / "night") as made:
            yield from _nights(made, parts, every, jobs, tell)
    if "airflow" in parts:
        (folder / "airflow").mkdir()
        found = losses.possible(tell)[::every]
        yield _part("parts of Airflow lost in a night", tell, lambda: losses.lost(folder / "airflow", day_of(1), found))


def _nights(made: Ground, parts: Sequence[str], every: int, jobs: int, tell: Tell) -> Iterator[Part]:
    begin = made.empty()
    tell("a first night, so that there is something to change")
    trial.warm(made, begin, day_of(1))
    with trial.crew(jobs) as workers:
        met: set[Place] = set()
        made.prepare(begin, day_of(CHANGES))
        if "days" in parts:
            yield from _bad_days(made, begin, workers, every, met, tell)
        if not {"kills", "cuts"} & set(parts):
            return
        tell("the second night, undisturbed, and a scene before each of its acts")
        second = rehearsed(made, begin, day_of(CHANGES), workers)
        if "kills" in parts:
            yield _killed(second, workers, every, met, "the second night", tell)
        if "cuts" in parts:
            found = cuts.cuts(second, workers)[:: CUT_EVERY * every]
            yield _part("connections cut", tell, partial(trial.verdicts, workers, partial(cuts.cut_off, second), found))
        if "kills" in parts:
            fourth = _troubled(made, begin, workers, tell)
            yield _killed(fourth, workers, every, met, "a night on which three business systems fail", tell)
            yield _part("places without a point", tell, lambda: map(_forgotten, reach.unmet(met, "days" in parts)))


def _bad_days(made: Ground, begin: Scene, workers: Crew, every: int, met: set[Place], tell: Tell) -> Iterator[Part]:
    when, scene = day_of(CHANGES), made.copy(begin, "untold")
    before = [act for act in acts() if act.name.startswith(("intake", "aggregate"))]
    workers.submit(trial.play, made, scene, when, before).result()
    good = {name: workers.submit(days.undisturbed, made, scene, when, name) for name in days.HOUSES}
    for name, house in days.HOUSES.items():
        live = partial(days.lived_through, made, scene, when, good[name].result(), name)
        done = [workers.submit(live, day.name) for day in house.days[::every]]
        yield _part(f"bad days of the {name}", tell, partial(_judged, done, met, tell))


def _judged(done: list[Future[tuple[Verdict, days.Account]]], met: set[Place], tell: Tell) -> Iterator[Verdict]:
    for one in done:
        verdict, account = one.result()
        met.update(account.met)
        tell(verdict.what)
        yield verdict


def _troubled(made: Ground, begin: Scene, workers: Crew, tell: Tell) -> Rehearsal:
    tell("the nights up to the fourth, on which three business systems fail")
    for number in range(CHANGES, TROUBLE):
        made.prepare(begin, day_of(number))
        workers.submit(trial.play_night, made, begin, day_of(number)).result()
    made.prepare(begin, day_of(TROUBLE))
    return rehearsed(made, begin, day_of(TROUBLE), workers, TROUBLED)


def _killed(night: Rehearsal, workers: Crew, every: int, met: set[Place], when: str, tell: Tell) -> Part:
    found = kills.kills(night, workers)
    met |= {kill.place for kill in found}
    judge = partial(trial.verdicts, workers, partial(kills.killed, night), found[::every])
    return _part(f"kills on {when}", tell, judge)


def _part(name: str, tell: Tell, judge: Callable[[], Iterator[Verdict]]) -> Part:
    began, tried, differing = time.monotonic(), 0, []
    for verdict in judge():
        tried += 1
        if tried % TOLD_EVERY == 0:
            tell(f"{name}: {tried} so far")
        if verdict.differences:
            differing.append(verdict)
            tell(f"DIFFERENT: {verdict.what}: {'; '.join(verdict.differences)}")
    return Part(name, tried, tuple(differing), time.monotonic() - began)


def _forgotten(site: reach.Site) -> Verdict:
    return Verdict(str(site), ("no rehearsed night comes here, and sandbox/rehearsal/reach.py gives no reason",))
