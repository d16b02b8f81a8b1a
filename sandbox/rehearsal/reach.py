"""
Every line of the library that opens a transaction, sends, or changes a file; read from the code, not from a list.

A night's own points are met by running it. This is the other side: what the code could do. Each place is met by a
rehearsed night, or stands below with the reason why none comes there; a new place is neither, and a test fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.rehearsal.points import LIBRARY, THROUGH_LIBRARY, Kind, Place

TRANSACTIONS, FILES = {"connected", "transaction", "begin"}, {"written"}
CHANGES = {"unlink": 0, "replace": 1, "rename": 1}  # of a path, told from those of a text by their arguments
REQUESTS = {"request"}

# Why a night does not come to a place: by file, or by file and function.
ELSEWHERE = {
    "airflow_api.py": "asks Airflow, and starts its runs",
    "announcements.py": "a person takes over a holiday announcement, in one step",
    "keyring.py": "the secrets of a development machine, written in one step",
    "landing.py:land": "a savepoint, which leaves nothing by itself",
    "launcher.py": "the files of a running world",
    "platforms/exchange.py": "the other channel of the city; tests/test_platforms_exchange.py",
    "platforms/package.py": "the other form of the national files, each written in one step",
    "platforms/portal_store.py:_adopt": "the books of an older portal are taken over, in one transaction",
    "platforms/portal_trees.py:_make_room": "an empty folder becomes a link, once; tests/test_story.py comes here",
    "postgres/embedded.py": "the server's own files",
    "postgres/programs.py": "the server's own programs",
    "processes.py": "the records of running processes",
    "return_answer.py": "the answer to a person's list; tests/test_returned_folder.py kills before and after it",
    "returned_folder.py": "lists that a person takes in; tests/test_returned_folder.py kills at every step",
    "stages/acts.py": "acts and questions of persons, each one transaction",
    "stages/correction.py": "plans and acts of persons, each one transaction; tests/test_corrections.py",
    "stages/intake.py:recompute_deadlines": "a command of a person, one transaction",
    "stages/ledger.py:latest_date": "reads",
    "stages/ledger.py:set_hashes": "reads",
    "stages/publication.py:_open_in_all": "reads",
    "stages/publication.py:apply_repair": "an act of a person, one transaction; bad days come here",
    "stages/publication.py:rejections": "reads",
    "stages/publication.py:unfit": "reads",
    "stages/publication.py:verify": "an act of a person, one transaction; bad days come here",
    "stages/quality.py": "acts and questions of persons, each one transaction",
    "stages/retention.py": "a command of a person, one transaction",
}
COMMANDS = "_cli.py"  # modules of commands: what a person asks for is one transaction, or a file of their own
# What only the answers of a bad day lead to; the rehearsal of such days comes here.
ON_BAD_DAYS = {
    "platforms/portal_store.py:mark_all_stale": "the public folder was emptied",
    "platforms/portal_trees.py:condemn": "another hand changed what the public reads",
    "publish.py:_refused": "a platform refuses a whole message",
    "receipts.py:collect": "a platform has lost a message that it had taken",
}


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the code: its lines, and the function it stands in."""

    file: str
    function: str
    first: int
    last: int
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} in {self.file}:{self.function}, line {self.first}"

    def holds(self, place: Place) -> bool:
        """Say whether a point was met here."""
        return place.file == self.file and place.kind == self.kind and self.first <= place.line <= self.last


def sites(library: Path = LIBRARY) -> list[Site]:
    """List every place of the library, in the order of its files."""
    paths = (path for path in sorted(library.rglob("*.py")) if path not in THROUGH_LIBRARY)
    return [site for path in paths for site in _sites_of(path, str(path.relative_to(library)))]


def unmet(met: Iterable[Place], with_bad_days: bool = False) -> list[Site]:
    """Return the places to which nothing that was rehearsed came, and for which nobody gave a reason."""
    places = list(met)
    left = [site for site in sites() if not any(site.holds(place) for place in places)]
    return [site for site in left if not (excused(site) or (not with_bad_days and _name_of(site) in ON_BAD_DAYS))]


def excused(site: Site) -> str | None:
    """Return why no night comes to a place."""
    if site.file == "cli.py" or site.file.endswith(COMMANDS):
        return "a command of a person"
    return ELSEWHERE.get(_name_of(site)) or ELSEWHERE.get(site.file)


def outdated(library: Path = LIBRARY) -> list[str]:
    """Return the reasons that are given for places which are no more."""
    known = {name for site in sites(library) for name in (site.file, _name_of(site))}
    return sorted({*ELSEWHERE, *ON_BAD_DAYS} - known)


def _name_of(site: Site) -> str:
    return f"{site.file}:{site.function}"


def _sites_of(path: Path, file: str) -> Iterator[Site]:
    for function, node in _with_function(ast.parse(path.read_text("utf-8")), "module"):
        if isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            last = max(call.end_lineno or node.lineno for call in calls) if calls else node.lineno
            for kind in sorted({found for call in calls if (found := _opens(call))}):
                yield Site(file, function, node.lineno, last, kind)
        elif isinstance(node, ast.Call) and (found := _does(node)):
            yield Site(file, function, node.lineno, node.end_lineno or node.lineno, found)


def _with_function(tree: ast.AST, name: str) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        inner = node.name if isinstance(node, ast.FunctionDef) else name
        yield inner, node
        yield from _with_function(node, inner)


def _opens(call: ast.Call) -> Kind | None:
    """Say what a `with` block leaves behind at its end."""
    name = _name(call)
    return "commit" if name in TRANSACTIONS else "file" if name in FILES else None


def _does(call: ast.Call) -> Kind | None:
    """Say what a call leaves behind."""
    if not isinstance(call.func, ast.Attribute):
        return None
    name, given = call.func.attr, len(call.args)
    if name == "commit":
        return "commit"
    if name in REQUESTS:
        return "send"
    return "file" if CHANGES.get(name) == given else None


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
