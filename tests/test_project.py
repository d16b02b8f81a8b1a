"""What holds for the project as a whole: its layout, its names, its lock, and where SQL may stand."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LIBRARY = PROJECT / "plugins" / "xinyong"
PRODUCT = ("plugins", "sandbox", "dags")
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc"}

# Modules without a test file of their own, each with the reason.
TESTED_ELSEWHERE = {
    "errors": "classes without behaviour; who raises them is tested for their words",
    "migrations": "what they make is compared with the catalogue in test_tables",
    "names": "what DAGs are called is compared with Airflow's own list in test_dags",
    "wiring": "belongs to the DAG files; test_dags",
}

# A statement is written in upper case; a sentence that begins with "Select" or "Update" is not meant.
SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|MERGE\s+INTO\s|WITH\s+\w+\s+AS\s|COPY\s+\S+\s"
    r"|(CREATE|DROP|ALTER|TRUNCATE|GRANT|REVOKE|ANALYZE|SET|LOCK)\s+[A-Z])"
)
RUNS_SQL = {"execute", "executemany", "exec_driver_sql", "text", "copy_expert", "scalar", "scalars"}


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows, as they are on disk now."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [PROJECT / name for name in names if (PROJECT / name).is_file()]


def shown(path: Path, line: int | None = None) -> str:
    return f"{path.relative_to(PROJECT)}{f':{line}' if line else ''}"


def product_trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in tracked(*(f"{folder}/**.py" for folder in PRODUCT)):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    return {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def test_airflow_sees_no_file_of_the_library() -> None:
    from airflow._shared.module_loading import find_path_from_directory

    found = {Path(path) for path in find_path_from_directory(str(PROJECT / "plugins"), ".airflowignore", "glob")}
    assert [shown(path) for path in found if path.is_relative_to(LIBRARY)] == []
    assert {path.parent for path in found if path.suffix == ".py"} <= {PROJECT / "plugins"}


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    names = {path.stem for path in LIBRARY.iterdir()} | {path.stem for path in (PROJECT / "plugins").glob("*.py")}
    assert names & sys.stdlib_module_names - {"__init__"} == set()


def test_no_name_says_nothing() -> None:
    modules = [path.relative_to(PROJECT) for path in tracked("*.py")]
    names = {path.stem for path in modules} | {folder.name for path in modules for folder in path.parents}
    assert names & SAYS_NOTHING == set()


def test_every_module_has_its_tests() -> None:
    packages = {path.name for path in LIBRARY.iterdir() if (path / "__init__.py").exists()}
    modules = packages | {path.stem for path in LIBRARY.glob("[!_]*.py")}
    without = {name for name in modules if not (PROJECT / "tests" / f"test_{name}.py").exists()}
    assert without - TESTED_ELSEWHERE.keys() == set()
    assert TESTED_ELSEWHERE.keys() - modules == set(), "an exception for a module that is not there"


def test_python_holds_no_sql() -> None:
    found = [
        shown(path, node.lineno)
        for path, tree in product_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        if id(node) not in docstrings(tree)
    ]
    assert found == []


def is_assembled(argument: ast.expr) -> bool:
    if isinstance(argument, ast.JoinedStr) or (isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod)):
        return True
    function = argument.func if isinstance(argument, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in {"format", "replace", "join"}


def test_no_statement_is_assembled_from_strings() -> None:
    found = [
        shown(path, node.lineno)
        for path, tree in product_trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS_SQL
        if node.args and is_assembled(node.args[0])
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [('f"a {b}"', True), ('"a %s" % b', True), ('"a {}".format(b)', True), ('"a"', False), ("statement(name)", False)],
)
def test_the_guard_knows_an_assembled_statement(source: str, expected: bool) -> None:
    assert is_assembled(ast.parse(source, mode="eval").body) is expected


def test_every_sql_file_says_what_it_does() -> None:
    files = tracked("*.sql")
    assert files, "no SQL file was found"
    headers = {path: re.match(r"(?:--.*\n)*", path.read_text(encoding="utf-8"))[0] for path in files}
    assert [shown(path) for path, header in headers.items() if not re.match(r"-- [A-Z]", header)] == []
    for word in ("Grain:", "Repeatable:", "Parameters:"):
        assert [shown(path) for path, header in headers.items() if word not in header] == [], word


def test_files_and_functions_are_short() -> None:
    long_files, lengths = [], {}
    for path, tree in product_trees():
        if len(path.read_text(encoding="utf-8").splitlines()) > 400:
            long_files.append(shown(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths[shown(path, node.lineno)] = (node.end_lineno or node.lineno) - node.lineno + 1
    assert long_files == []
    assert {place: length for place, length in lengths.items() if length > 50} == {}
    assert statistics.median(lengths.values()) <= 10


def test_the_lock_has_hashes_and_no_address() -> None:
    lock = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert [entry.split("\n")[0] for entry in entries if not re.match(r"[a-z0-9.-]+==", entry)] == []
    assert re.findall(r"\w+://|^-\S+", lock, flags=re.MULTILINE) == []


def test_the_lock_holds_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=!~ ]", wish)[0].lower() for wish in asked}
    locked = set(re.findall(r"^([a-z0-9.-]+)==", (PROJECT / "requirements.lock").read_text(), flags=re.MULTILINE))
    assert names - locked == set()


def test_no_file_names_the_machine_it_was_written_on() -> None:
    workshop = b"/" + b"work" + b"/"
    assert [shown(path) for path in tracked() if workshop in path.read_bytes()] == []


def test_make_explains_every_command() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (help .+)$", makefile, flags=re.MULTILINE)[1].split())
    explained = set(re.findall(r"^([a-z]+):.*?  ## \S", makefile, flags=re.MULTILINE))
    assert targets == explained
