"""Suites: what follows from the catalogue, and `expectations/<record type>.yml`, read strictly."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from xinyong.catalogue import Catalogue, _StrictLoader, catalogue
from xinyong.catalogue.records import RecordType
from xinyong.catalogue.words import Declaration, Dimension
from xinyong.errors import CatalogueError
from xinyong.quality.generate import generated
from xinyong.quality.rules import Rule, Severity
from xinyong.settings import expectations_dir

_EVERY_RECORD = {"batch_id", "row_number", "record_id", "content_hash", "source_id", "source_at"}
_PARTS = {"date": ("text",), "amount": ("text",), "identity": ("sealed", "hash", "verdict"), "text": ()}


class _Meta(Declaration):
    """What our pipeline adds to an expectation, under Great Expectations' own key `meta`."""

    code: str
    dimension: Dimension
    says: str
    basis: str
    field: str | None = None
    passes: dict[str, Any]
    fails: dict[str, Any]


class _Expectation(Declaration):
    """One expectation in Great Expectations' own keys."""

    type: str
    severity: Severity
    kwargs: dict[str, Any]
    meta: _Meta


class _Suite(Declaration):
    """One file under `expectations/`."""

    name: str
    expectations: tuple[_Expectation, ...]


def suite(record_type: RecordType) -> tuple[Rule, ...]:
    """Return all rules of a record type: generated ones first, then those of its file."""
    return _suite(record_type.name, expectations_dir())


@cache
def _suite(name: str, directory: Path) -> tuple[Rule, ...]:
    known = catalogue()
    return assemble(known, known.records[name], directory / f"{name}.yml")


def assemble(known: Catalogue, record_type: RecordType, path: Path) -> tuple[Rule, ...]:
    """Join generated and written rules of a record type and refuse what contradicts itself."""
    rules = generated(known, record_type) + _written(record_type, path)
    for at, rule in enumerate(rules):
        _check(record_type, rule, f"expectations/{path.name}: {rule.code}")
        if any(rule.code == earlier.code for earlier in rules[:at]):
            raise CatalogueError(
                f"expectations/{path.name}: {rule.code}: found twice, expected one rule per code. A code is never "
                "reused; rules that follow from the catalogue are generated and need no entry here."
            )
    return tuple(rules)


def staged_columns(record_type: RecordType) -> set[str]:
    """Return the columns of a staged table that rules may read."""
    columns = set(_EVERY_RECORD)
    for code, field in record_type.fields.items():
        columns |= {code.lower(), *[f"{code.lower()}_{part}" for part in _PARTS[field.type]]}
    return columns


def _written(record_type: RecordType, path: Path) -> list[Rule]:
    read = _read(path)
    if read.name != record_type.name:
        raise CatalogueError(f"expectations/{path.name}: name: found `{read.name}`, expected `{record_type.name}`.")
    return [
        Rule(
            code=one.meta.code,
            record_type=record_type.name,
            severity=one.severity,
            dimension=one.meta.dimension,
            says=one.meta.says,
            basis=one.meta.basis,
            field=one.meta.field,
            type=one.type,
            kwargs=one.kwargs,
            passes=one.meta.passes,
            fails=one.meta.fails,
        )
        for one in read.expectations
    ]


def _read(path: Path) -> _Suite:
    """Read a suite; every problem names file, rule and key."""
    content: Any = None
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_StrictLoader)  # noqa: S506 – a stricter SafeLoader
        return _Suite.model_validate(content)
    except FileNotFoundError:
        raise CatalogueError(
            f"expectations/{path.name} is missing. Expected: the suite of record type `{path.stem}`, also when it "
            "holds nothing but `expectations: []` because all its rules follow from the catalogue."
        ) from None
    except yaml.YAMLError as error:
        raise CatalogueError(f"expectations/{path.name} is not readable YAML: {error}") from error
    except ValidationError as error:
        lines = [f"expectations/{path.name}: {_place(content, one['loc'])}: {one['msg']}" for one in error.errors()]
        raise CatalogueError("\n".join(lines)) from None


def _place(content: Any, location: tuple[int | str, ...]) -> str:
    """Name the key of a problem, with the rule's code instead of its position where it has one."""
    words = [str(word) for word in location]
    with suppress(KeyError, IndexError, TypeError):
        words[1:2] = [content["expectations"][location[1]]["meta"]["code"]]
    return ".".join(words)


def _check(record_type: RecordType, rule: Rule, place: str) -> None:
    """Refuse a rule that could never judge: unknown type, columns, field or parameters, or no examples."""
    if not re.fullmatch(rf"{record_type.prefix}-R\d\d(-[A-Z0-9_]+)*", rule.code):
        raise CatalogueError(f"{place}: meta.code: expected `{record_type.prefix}-R` and a number of two digits.")
    if not rule.passes or not rule.fails:
        raise CatalogueError(f"{place}: meta: expected an example under `passes` and under `fails`; one is empty.")
    if rule.field is not None and rule.field not in record_type.fields:
        raise CatalogueError(f"{place}: meta.field: `{rule.field}` is no field of `{record_type.name}`.")
    if unknown := sorted((rule.columns() | _in_sql(record_type, rule)) - staged_columns(record_type)):
        raise CatalogueError(f"{place}: found column `{unknown[0]}`, expected a staged column of `{record_type.name}`.")
    _check_expectation(rule, place)


def _in_sql(record_type: RecordType, rule: Rule) -> set[str]:
    """Return the words of a written condition that look like columns of this record type."""
    prefixes = {code.lower().split("_")[0] for code in record_type.fields if "_" in code}
    words = re.findall(r"\b[a-z][a-z0-9_]*\b", f"{rule.kwargs.get('holds')} {rule.kwargs.get('applies')}")
    return {word for word in words if "_" in word and word.split("_")[0] in prefixes}


def _check_expectation(rule: Rule, place: str) -> None:
    from great_expectations.exceptions import ExpectationNotFoundError

    try:
        rule.expectation(business_date="2026-11-24")
    except ExpectationNotFoundError:
        raise CatalogueError(f"{place}: type: `{rule.type}` is no expectation that is known here.") from None
    except KeyError as error:
        raise CatalogueError(
            f"{place}: kwargs: `$PARAMETER: {error.args[0]}` is not given; business_date is."
        ) from None
    except ValueError as error:
        raise CatalogueError(f"{place}: kwargs do not fit `{rule.type}`: {error}") from None
