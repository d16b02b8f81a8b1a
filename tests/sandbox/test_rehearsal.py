"""The rehearsal itself: it meets every point, kills where it says, and sees a difference when there is one."""

from __future__ import annotations

import ast
import time
from dataclasses import replace
from functools import partial

import psutil
import pytest

from sandbox.rehearsal import cuts, kills, reach, trial
from sandbox.rehearsal.night import acts
from sandbox.rehearsal.place import Actor, ground
from sandbox.rehearsal.plan import rehearsed
from sandbox.rehearsal.standing import differences
from sandbox.story import day_of
from tests.conftest import PROJECT
from xinyong import catalogue as declarations

FEEDS = ("safety_penalty",)
LONG_ENOUGH = 20  # seconds; what is cut short ends long before
EVERY_KILL, EVERY_CUT = 29, 300  # the whole is `make rehearse`
NIGHT_DAGS = ("intake", "aggregate", "publish", "report")


@pytest.fixture(scope="module")
def sample(postgres, tmp_path_factory):
    """A night of one feed, with everything that a sample of its hits led to."""
    with ground(tmp_path_factory.mktemp("rehearsal"), 100, postgres, FEEDS) as made:
        begin = made.empty()
        made.prepare(begin, day_of(1))
        with made.copied(begin, "warm") as scene:
            trial.warm(made, scene, day_of(1))
        with trial.crew(2) as workers:
            night = rehearsed(made, begin, day_of(1), workers)
            killed, cut = kills.kills(night, workers), cuts.cuts(night, workers)
            found = [
                *trial.verdicts(workers, partial(kills.killed, night), killed[::EVERY_KILL]),
                *trial.verdicts(workers, partial(cuts.cut_off, night), cut[::EVERY_CUT]),
            ]
            wrong = replace(night, expected=night.expected | {"a ledger that balances": False})
            seen = workers.submit(kills.killed, wrong, killed[-1]).result()
        yield night, killed, found, seen
    declarations.forget()


@pytest.mark.proofs(minutes=True)
def test_a_sample_of_hits_leaves_no_difference(sample):
    _, _, found, _ = sample
    assert len(found) > 5
    assert [verdict for verdict in found if verdict.differences] == []


@pytest.mark.proofs(minutes=True)
def test_a_difference_is_seen_and_named(sample):
    *_, seen = sample
    assert seen.differences == ("a ledger that balances: False ≠ True",)


@pytest.mark.proofs(minutes=True)
def test_every_kind_of_trace_is_a_point_on_both_sides(sample):
    _, killed, _, _ = sample
    assert {(kill.place.kind, kill.moment) for kill in killed} == {
        (kind, moment) for kind in ("commit", "send", "file") for moment in ("before", "after")
    }
    places = {kill.place.file for kill in killed}
    assert {"stages/intake.py", "publish.py", "receipts.py", "platforms/session.py", "platforms/file.py"} <= places


def acting_for_long(told):
    """Let one process act and another one wait for its turn; tell when both are there."""
    actors = [Actor(partial(time.sleep, LONG_ENOUGH)) for _ in range(2)]
    told.write_text("there")
    actors[0].act({})


def test_a_crew_that_is_cut_short_ends_at_once_with_all_that_its_processes_began(tmp_path):
    told = tmp_path / "told"
    with pytest.raises(KeyboardInterrupt), trial.crew(1) as workers:
        workers.submit(acting_for_long, told)
        while not told.exists():
            time.sleep(0.02)
        family, began = psutil.Process().children(recursive=True), time.monotonic()
        assert len(family) >= 3
        raise KeyboardInterrupt
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert time.monotonic() - began < LONG_ENOUGH


def test_the_rehearsed_night_is_the_night_of_the_dags():
    """Every stage that a DAG of the night calls is called by the night in one process, and no other."""
    rehearsed_night = PROJECT / "sandbox" / "rehearsal" / "night.py"
    assert called([PROJECT / "dags" / f"{name}.py" for name in NIGHT_DAGS]) == called([rehearsed_night])
    assert len(acts()) == len(declarations.catalogue().feeds) + len(declarations.catalogue().platforms) + 2


def called(paths):
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    found = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in found if isinstance(node.value, ast.Name) and node.value.id == "stages"}


def test_a_place_in_the_code_is_found_however_it_is_written(tmp_path):
    (tmp_path / "new.py").write_text(
        "def store():\n"
        "    with connected() as connection:\n"
        "        connection.execute(1)\n"
        "    with made.begin() as one, written(path) as other:\n"
        "        text.replace('a', 'b')\n"
        "    path.unlink(missing_ok=True)\n"
        "    draft.replace(path)\n"
        "    connection.commit()\n"
        "    self._http.request('POST', url)\n",
        "utf-8",
    )
    found = [(site.function, site.first, site.kind) for site in reach.sites(tmp_path)]
    assert found == [("store", line, kind) for line, kind in FOUND]


FOUND = [(2, "commit"), (4, "commit"), (4, "file"), (6, "file"), (7, "file"), (8, "commit"), (9, "send")]


def test_no_reason_is_given_for_a_place_that_is_no_more():
    assert reach.outdated() == []


def test_differences_are_named_and_short():
    found = differences({"a": 1, "b": "x" * 500, "c": 2}, {"a": 1, "b": "y", "d": 3})
    assert [line.split(":")[0] for line in found] == ["b", "c", "d"]
    assert max(map(len, found)) < 150
