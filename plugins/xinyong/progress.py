"""What a night looks like while it runs: one row per feed and platform, one cell per stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from xinyong import names
from xinyong.airflow_api import TaskState
from xinyong.catalogue import Catalogue

Place = tuple[str, str]  # a DAG and a task of it

INTAKE = ("extract", "check", "store", "settle")
PUBLICATION = ("reconcile", "send", "collect", "settle")
MARKER = "complete"  # the task that only colours a run; no work to look at
WIDTH = len("● working 1/2")  # so that columns stand still while their content changes
GROUP = "message."  # the task group of one message; its name says nothing to a reader

# The state that wins when a cell stands for several mapped tasks: what needs attention first.
ORDER = ("failed", "upstream_failed", "up_for_retry", "running", "queued", "scheduled", "waiting", "skipped", "success")
SIGNS = {
    "failed": ("✗ failed", "bold red"),
    "upstream_failed": ("– not run", "red"),
    "up_for_retry": ("↻ again", "yellow"),
    "running": ("● working", "bold cyan"),
    "queued": ("○ queued", "cyan"),
    "scheduled": ("○ queued", "cyan"),
    "waiting": ("·", "dim"),
    "skipped": ("skipped", "dim"),
    "success": ("✓", "green"),
}


class Board:
    """The states of a night's stages, and what changed since somebody last asked."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Lay out the rows of a catalogue; nothing has happened yet."""
        self._feeds = {names.intake(name): name for name in catalogue.feeds}
        self._platforms = {names.publish(name): name for name in catalogue.platforms}
        self._states: dict[Place, list[str]] = {}
        self._failed: list[TaskState] = []
        self._told: dict[Place, str] = {}

    def update(self, tasks: Iterable[TaskState]) -> None:
        """Take in the states of all tasks; the latest run of a DAG counts."""
        tasks = list(tasks)
        latest: dict[str, str] = {}
        for task in tasks:
            latest[task.dag] = max(latest.get(task.dag, ""), task.run_id)
        found: dict[Place, list[str]] = defaultdict(list)
        for task in tasks:
            if task.run_id == latest[task.dag] and task.task != MARKER:
                found[task.dag, task.task.removeprefix(GROUP)].append(task.state or "waiting")
        self._states = dict(found)
        self._failed = [task for task in tasks if task.run_id == latest[task.dag] and task.state == "failed"]

    def changes(self) -> list[str]:
        """Return one line per stage that began, ended or failed since the last call."""
        lines = []
        for place, states in self._states.items():
            state = summary(states)
            if state not in {"waiting", "scheduled", "queued", self._told.get(place)}:
                self._told[place] = state
                lines.append(f"{place[0]}.{place[1]} {state}{_count(states)}")
        return lines

    def failed(self) -> list[TaskState]:
        """Return the tasks that failed for good."""
        return sorted(self._failed, key=lambda task: (task.dag, task.task, task.index))

    def table(self, elapsed: float) -> Table:
        """Return the whole night as a table."""
        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(f"{elapsed:.0f} s", no_wrap=True)
        for stage in INTAKE:
            table.add_column(stage, min_width=0 if stage == "settle" else WIDTH, no_wrap=True)
        for dag, name in self._feeds.items():
            table.add_row(name, *(self._cell(dag, task) for task in INTAKE))
        table.add_row("aggregate", self._cell(names.AGGREGATE, "aggregate"), end_section=True)
        table.add_row("", *PUBLICATION, style="bold")
        for dag, name in self._platforms.items():
            table.add_row(name, *(self._cell(dag, task) for task in PUBLICATION))
        table.add_row("report", self._cell(names.REPORT, "report"))
        return table

    def _cell(self, dag: str, task: str) -> Text:
        states = self._states.get((dag, task), ["waiting"])
        return Text.assemble(SIGNS.get(summary(states), summary(states)), _count(states))


def summary(states: list[str]) -> str:
    """Return the state that stands for several: what needs attention before what is done."""
    known = [state for state in ORDER if state in states]
    others = [state for state in states if state not in ORDER]
    if "success" in known and "waiting" in known:
        return "running"  # mapped tasks between two waves
    return next(iter(known + others), "waiting")


def _count(states: list[str]) -> str:
    return f" {states.count('success')}/{len(states)}" if len(states) > 1 else ""
