"""
The gate of a batch: a checkpoint over its verdicts and measures.

Rules that records break do not stop a batch, they set the records aside. What stops it is a batch that is not what
the feed declares: too few or too many rows, a sudden shrinkage, too many rows set aside, a rule that could not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import great_expectations as gx
import pandas as pd
import sqlalchemy as sa
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

from xinyong.catalogue.feeds import Feed
from xinyong.database import run
from xinyong.errors import BatchRefused
from xinyong.quality.docs import write_docs
from xinyong.quality.verdicts import ExpectMeasureToBeBetween, ExpectRuleToHold

_SEVERITIES = {"critical": "严重", "warning": "警告", "info": "提示"}


@dataclass(frozen=True, slots=True)
class Bound:
    """One measure of a batch with the bounds of its feed, in words for the page and for the message."""

    measure: str
    title: str
    words: str
    lowest: float
    highest: float

    def expectation(self) -> ExpectMeasureToBeBetween:
        """Return it as an expectation; breaking it refuses the batch."""
        lowest, highest = _plain(self.lowest), _plain(self.highest)
        described = f"{self.title}：应{f'为{lowest}' if lowest == highest else f'在{lowest}至{highest}之间'}"
        return ExpectMeasureToBeBetween(
            measure=self.measure,
            min_value=self.lowest,
            max_value=self.highest,
            severity="critical",
            description=described,
        )


def _plain(value: float) -> str:
    """Write a number as people do: two decimals at most, thousands apart, no exponent."""
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")


def bounds_of(feed: Feed) -> list[Bound]:
    """Return what a batch of this feed must keep to."""
    bounds = feed.bounds
    return [
        Bound("row_count", "记录数", "rows", bounds.min_rows, bounds.max_rows),
        Bound("shrink_percent", "比上一批减少的百分比", "percent fewer rows than before", 0, bounds.max_shrink_percent),
        Bound("quarantined_percent", "隔离记录的百分比", "percent set aside", 0, bounds.max_quarantined_percent),
        Bound("error_count", "未能执行的规则数", "rules in error", 0, 0),
    ]


def decide(connection: sa.Connection, feed: Feed, batch_id: int, business_date: date, docs_dir: Path) -> None:
    """Run the checkpoint of a judged batch, write its pages, and raise `BatchRefused` when it breaks a bound."""
    measures = dict(run(connection, "quality/measure_batch", batch_id=batch_id).mappings().one())
    verdicts = [dict(row) for row in run(connection, "quality/verdicts", batch_id=batch_id).mappings()]
    bounds = bounds_of(feed)
    began = datetime.combine(business_date, time(), tzinfo=UTC)
    run_id = RunIdentifier(run_name=f"{feed.name}-{batch_id}", run_time=began)
    context, data = _quiet_context(), {"dataframe": _frame(measures, verdicts)}
    rows = context.data_sources.add_pandas("xinyong").add_dataframe_asset("batch").add_batch_definition("whole")
    [decided] = _checkpoint(context, bounds, rows).run(batch_parameters=data, run_id=run_id).run_results.values()
    shown = rows.get_batch(data).validate(_suite("规则", [_shown(row) for row in verdicts]), result_format="SUMMARY")
    shown.meta["run_id"] = run_id
    pages = {page.suite_name: page for page in (decided, shown)}
    write_docs(docs_dir / feed.name / f"batch_{batch_id}", f"{feed.title.zh} {business_date}", pages)
    broken = [bound for bound in bounds if bound.measure in _failing(decided)]
    if broken or not measures["rule_count"]:
        place = f"Batch {batch_id} of feed {feed.name} ({business_date})"
        raise BatchRefused(_refusal(feed, place, broken, measures, verdicts))


def _quiet_context() -> Any:
    """Open a project of Great Expectations that lives in memory only, leaves no files and shows no progress bars."""
    in_memory = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=in_memory))
    context.variables.progress_bars = {"globally": False}
    return context


def _frame(measures: dict[str, Any], verdicts: list[dict[str, Any]]) -> pd.DataFrame:
    """Lay measures and verdicts into one table, which is what the checkpoint sees as its data."""
    measured = [{"kind": "measure", "name": name, "value": float(value)} for name, value in measures.items()]
    judged = [
        {
            "kind": "rule",
            "name": row["rule_code"],
            "state": row["state"],
            "applied_count": row["applied_count"],
            "failed_count": row["failed_count"],
        }
        for row in verdicts
    ]
    return pd.DataFrame(measured + judged)


def _checkpoint(context: Any, bounds: list[Bound], rows: Any) -> Any:
    """
    Declare what decides: the measures of the batch.

    The verdicts of the rules are validated beside it, on the same data, and only shown: before a checkpoint runs, it
    compares each of its expectations with the stored one several times, which would cost more than judging the batch.
    """
    suite = context.suites.add(_suite("批次", [bound.expectation() for bound in bounds]))
    validation = context.validation_definitions.add(gx.ValidationDefinition(name="批次", data=rows, suite=suite))
    checkpoint = gx.Checkpoint(name="gate", validation_definitions=[validation], result_format="SUMMARY")
    return context.checkpoints.add(checkpoint)


def _suite(name: str, members: list[Any]) -> Any:
    return gx.ExpectationSuite(name=name, expectations=members)


def _shown(row: dict[str, Any]) -> ExpectRuleToHold:
    severity = _SEVERITIES[row["severity"]]
    described = f"{row['rule_code']}（{severity}）{row['says']}"
    return ExpectRuleToHold(rule_code=row["rule_code"], severity=row["severity"], description=described)


def _failing(decided: Any) -> set[str]:
    """Return the measures whose expectation did not succeed, also when it could not be evaluated."""
    return {one.expectation_config.kwargs["measure"] for one in decided.results if not one.success}


def _refusal(
    feed: Feed, place: str, broken: list[Bound], measures: dict[str, Any], verdicts: list[dict[str, Any]]
) -> str:
    """Say what was found and what the feed declares, and what to do about each."""
    if not measures["rule_count"]:
        return f"{place} was not judged. Found: no rule result. Expected: one per rule. Repeat its check."
    lines = [
        f"found {_plain(measures[one.measure])} {one.words}, expected {_plain(one.lowest)} to {_plain(one.highest)}"
        for one in broken
    ]
    errors = [f"{row['rule_code']}: {row['message']}" for row in verdicts if row["state"] == "error"]
    told = f" Rules in error: {'; '.join(errors)}" if errors else ""
    return (
        f"{place} is refused whole: {'; '.join(lines)}.{told} Its rows stay in landing; nothing of it is stored and "
        f"nothing is withdrawn because of it. Ask section `{feed.section}` whether the delivery is complete. When it "
        f"is right as it is, change `bounds` in catalogue/feeds/{feed.name}.yml and its reason, then clear the check."
    )
