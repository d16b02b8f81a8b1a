"""One trial: do something to an act of a night, run the whole night again, and compare what stands."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar

import psutil

from sandbox.rehearsal.night import Act, acts, night
from sandbox.rehearsal.place import FORK, Actor, Ended, Ground, Scene, acting, leave_stopping_to_parent
from sandbox.rehearsal.standing import Standing, believed, differences, shown, without_numbers
from xinyong.errors import LaunchError

T = TypeVar("T")
Crew = ProcessPoolExecutor


@dataclass(frozen=True, slots=True)
class Stage:
    """An act and the scene it begins in."""

    act: Act
    scene: Scene


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was done to a night, and by what its end could be told from that of an undisturbed one."""

    what: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """
    A disturbance of one act.

    `disturb` runs the act in a process of its own; `happened` says by that process's end whether it was disturbed.
    """

    what: str
    disturb: Callable[[], Any]
    happened: Callable[[Ended], bool]


@contextmanager
def crew(size: int) -> Iterator[Crew]:
    """Give processes that work side by side, each as warm as this one is now; cut short, they end at once."""
    with ProcessPoolExecutor(size, mp_context=FORK, initializer=leave_stopping_to_parent) as made:
        try:
            yield made
        except BaseException:
            for worker in multiprocessing.active_children():
                _kill(psutil.Process(worker.pid))
            raise


def _kill(worker: psutil.Process) -> None:
    """Kill a process and all below it, which it must not add to meanwhile."""
    with suppress(psutil.NoSuchProcess):
        worker.suspend()
        for member in [*worker.children(recursive=True), worker]:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def warm(ground: Ground, scene: Scene, when: date) -> None:
    """Run a whole night in this process, so that all that are forked from it begin warm."""
    ground.prepare(scene, when)
    with ground.playing(scene) as environment, acting(environment):
        night(when)


def play(ground: Ground, scene: Scene, when: date, before: Sequence[Act]) -> None:
    """Play some acts in a scene, which changes it."""
    if before:
        actor = Actor(partial(_play, before, when))
        with ground.playing(scene) as environment:
            needed(actor.act(environment))


def play_night(ground: Ground, scene: Scene, when: date) -> None:
    """Play a whole night in a scene, which changes it."""
    play(ground, scene, when, acts())


def undisturbed(ground: Ground, begin: Scene, when: date) -> Standing:
    """Return what stands after a night that nothing hit."""
    with ground.copied(begin, "undisturbed") as scene:
        actor = Actor(partial(stands_after_night, when))
        with ground.playing(scene) as environment:
            known = needed(actor.act(environment))
        return {**known, **shown(scene.var)}


def tried(ground: Ground, stage: Stage, when: date, expected: Standing, trial: Trial) -> Verdict:
    """Disturb an act, run the whole night again, and compare what stands with what was expected."""
    with ground.copied(stage.scene, stage.act.name) as scene:
        victim = Actor(trial.disturb)
        again = Actor(partial(stands_after_night, when))
        with ground.playing(scene) as environment:
            ended = victim.act(environment)
            if not trial.happened(ended):
                again.dismiss()
                return Verdict(trial.what, (f"nothing happened to it: {ended.failure or 'it came to its end'}",))
            after = again.act(environment)
        if after.failure:
            return Verdict(trial.what, (after.failure,))
        found = {**after.result, **shown(scene.var)}
    return Verdict(trial.what, tuple(differences(expected, found)))


def verdicts(workers: Crew, judge: Callable[[T], Verdict], subjects: Sequence[T]) -> Iterator[Verdict]:
    """Judge side by side and yield the verdicts as they come."""
    for done in as_completed([workers.submit(judge, subject) for subject in subjects]):
        yield done.result()


def needed(ended: Ended) -> Any:
    """Return what an undisturbed process returned."""
    if ended.killed or ended.failure:
        raise LaunchError(
            f"The rehearsal's own undisturbed night failed. Found: {ended.failure or 'it was killed'} Expected: a "
            "night that comes to its end. Run `make nightly` first; what hinders it hinders the rehearsal."
        )
    return ended.result


def _play(before: Sequence[Act], when: date) -> None:
    for act in before:
        act.run(when)


def stands_after_night(when: date) -> Standing:
    """Run a whole night and return what the pipeline then knows."""
    problems = night(when)
    return {**believed(when), "problems of the last run": without_numbers(problems)}
