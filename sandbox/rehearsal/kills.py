"""Kill a night just before and just after each of its points: nothing of the process is left, not even its excuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

from sandbox.rehearsal.night import Act
from sandbox.rehearsal.place import Actor, Ended, Ground
from sandbox.rehearsal.plan import Rehearsal
from sandbox.rehearsal.points import Moment, Place, Watch, watched
from sandbox.rehearsal.trial import Crew, Stage, Trial, Verdict, needed

FILES_OF_A_PLACE = 5  # the portal writes hundreds of pages at one line of its code, which all look alike
MOMENTS: tuple[Moment, Moment] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: in which act, at which of its points, and on which side of it."""

    act: str
    number: int
    place: Place
    moment: Moment

    def __str__(self) -> str:
        return f"killed {self.moment} point {self.number + 1} of {self.act}: {self.place}"


def kills(rehearsal: Rehearsal, workers: Crew) -> list[Kill]:
    """List every kill of a night: each point that an undisturbed run of an act comes to, both sides of it."""
    met = [(stage, workers.submit(points, rehearsal.ground, stage, rehearsal.when)) for stage in rehearsal.stages]
    return [
        Kill(stage.act.name, number, place, moment)
        for stage, found in met
        for number, place in _chosen(found.result())
        for moment in MOMENTS
    ]


def _chosen(met: list[Place]) -> list[tuple[int, Place]]:
    """Number the points of an act: every commit and request, and of each place that changes files a few, spread out."""
    places: dict[Place, list[int]] = {}
    for number, place in enumerate(met):
        places.setdefault(place, []).append(number)
    chosen = [
        (number, place)
        for place, numbers in places.items()
        for number in (_spread(numbers) if place.kind == "file" else numbers)
    ]
    return sorted(chosen, key=lambda one: one[0])


def _spread(numbers: list[int]) -> list[int]:
    """Return at most so many, the first and the last among them."""
    if len(numbers) <= FILES_OF_A_PLACE:
        return numbers
    return [numbers[part * (len(numbers) - 1) // (FILES_OF_A_PLACE - 1)] for part in range(FILES_OF_A_PLACE)]


def points(ground: Ground, stage: Stage, when: date) -> list[Place]:
    """Return the points that an act comes to when nothing hits it."""
    with ground.copied(stage.scene, f"points of {stage.act.name}") as copied:
        actor = Actor(partial(_recorded, stage.act, when))
        with ground.playing(copied) as environment:
            found: list[Place] = needed(actor.act(environment))
    return found


def killed(rehearsal: Rehearsal, kill: Kill) -> Verdict:
    """Kill an act at one point and judge how the night ends after that."""
    act = rehearsal.stage(kill.act).act
    return rehearsal.tried(kill.act, Trial(str(kill), partial(_hit, act, rehearsal.when, kill), was_killed))


def was_killed(ended: Ended) -> bool:
    """Say whether a process was killed hard."""
    return ended.killed


def _recorded(act: Act, when: date) -> list[Place]:
    watch = Watch()
    with watched(watch):
        act.run(when)
    return watch.met


def _hit(act: Act, when: date, kill: Kill) -> None:
    with watched(Watch(kill.number, kill.moment)):
        act.run(when)
