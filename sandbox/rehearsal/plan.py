"""Prepare a night for rehearsal: what it must lead to, and for each act the scene in which it is disturbed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date

from sandbox.rehearsal.night import Act, acts
from sandbox.rehearsal.place import Ground, Scene
from sandbox.rehearsal.standing import Standing
from sandbox.rehearsal.trial import Crew, Stage, Trial, Verdict, play, tried, undisturbed

INTAKE, AGGREGATE, PUBLISH = "intake", "aggregate", "publish"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A night on its ground: what it must lead to, and its stages."""

    ground: Ground
    when: date
    expected: Standing
    stages: tuple[Stage, ...]

    def stage(self, act: str) -> Stage:
        """Return the stage of an act."""
        return next(stage for stage in self.stages if stage.act.name == act)

    def tried(self, act: str, trial: Trial) -> Verdict:
        """Disturb an act and judge how the night ends after that."""
        return tried(self.ground, self.stage(act), self.when, self.expected, trial)


def rehearsed(ground: Ground, begin: Scene, when: date, workers: Crew, only: Sequence[str] = ()) -> Rehearsal:
    """
    Play the night of a date undisturbed, and prepare a stage for each of its acts, or for some.

    An act's scene holds everything that may come before it: then little is left to do after it was hit, and a hit is
    cheap. That the order of feeds and of platforms does not matter is a law that other tests keep.
    """
    expected = workers.submit(undisturbed, ground, begin, when)
    chosen = [act for act in acts() if not only or act.name in only]
    scenes = _Scenes(ground, begin, when, workers)
    prepared = [(act, *scenes.before(act)) for act in chosen]
    for _, _, played in prepared:
        played.result()
    stages = tuple(Stage(act, scene) for act, scene, _ in prepared)
    return Rehearsal(ground, when, expected.result(), stages)


class _Scenes:
    """Makes the scene before each act; what several of them need is played once."""

    def __init__(self, ground: Ground, begin: Scene, when: date, workers: Crew) -> None:
        self._ground, self._begin, self._when, self._workers = ground, begin, when, workers
        self._known: dict[str, Scene] = {}

    def before(self, act: Act) -> tuple[Scene, Future[None]]:
        """Return the scene before an act, and what to wait for until it is played."""
        kind = act.name.split()[0]
        if kind == INTAKE:
            return self._played(self._begin, [other for other in _all(INTAKE) if other.name != act.name])
        if kind == AGGREGATE:
            return self._played(self._taken_in(), [])
        publications = [other for other in _all(PUBLISH) if other.name != act.name]
        return self._played(self._aggregated(), publications)

    def _taken_in(self) -> Scene:
        return self._once(INTAKE, lambda: self._played(self._begin, _all(INTAKE)))

    def _aggregated(self) -> Scene:
        return self._once(AGGREGATE, lambda: self._played(self._taken_in(), _all(AGGREGATE)))

    def _once(self, name: str, make: Callable[[], tuple[Scene, Future[None]]]) -> Scene:
        if name not in self._known:
            scene, played = make()
            played.result()
            self._known[name] = scene
        return self._known[name]

    def _played(self, scene: Scene, before: Sequence[Act]) -> tuple[Scene, Future[None]]:
        copied = self._ground.copy(scene, "scene")
        return copied, self._workers.submit(play, self._ground, copied, self._when, before)


def _all(kind: str) -> list[Act]:
    return [act for act in acts() if act.name.split()[0] == kind]
