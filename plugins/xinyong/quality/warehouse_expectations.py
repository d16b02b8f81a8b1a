"""Expectations that ask the warehouse whether it agrees with a batch; `questions` holds what they ask."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from xinyong.quality.questions import QUESTIONS


def _count(question: str) -> Any:
    """Return the metric's function for a question: how many rows of a batch fail it."""

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _sqlalchemy(
        cls: Any, execution_engine: Any, metric_domain_kwargs: Any, metric_value_kwargs: Any, **_: Any
    ) -> int:
        table, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type="table")
        failing = QUESTIONS[question](table, **metric_value_kwargs).failing.subquery()
        return int(execution_engine.execute_query(sa.select(sa.func.count()).select_from(failing)).scalar_one())

    return _sqlalchemy


class KeyDisagreesAcrossFeeds(TableMetricProvider):  # type: ignore[misc]  # GX has no types that mypy reads
    """How many rows stand in another feed with another content."""

    metric_name = "table.key_disagrees_across_feeds"
    value_keys = ("key", "content", "history")
    _sqlalchemy = _count("expect_key_to_agree_across_feeds")


class UpdatesNotNewer(TableMetricProvider):  # type: ignore[misc]
    """How many rows brought a version that is not newer, or brought an ended record back."""

    metric_name = "table.updates_not_newer"
    value_keys = ("history",)
    _sqlalchemy = _count("expect_updates_to_be_newer")


class SubjectsUnknown(TableMetricProvider):  # type: ignore[misc]
    """How many rows are about a party that the registration base does not know."""

    metric_name = "table.subjects_unknown"
    value_keys = ("numbers", "name")
    _sqlalchemy = _count("expect_subjects_to_be_registered")


class NamesUnknown(TableMetricProvider):  # type: ignore[misc]
    """How many rows name a party otherwise than the registration base does."""

    metric_name = "table.names_unknown"
    value_keys = ("numbers", "name")
    _sqlalchemy = _count("expect_names_to_be_registered")


class _AskWarehouse(BatchExpectation):  # type: ignore[misc]
    """What the expectations of this module share: one metric, and how its count is told."""

    def _validate(self, metrics: Any, runtime_configuration: Any = None, execution_engine: Any = None) -> Any:
        count, total = metrics[self.metric_dependencies[0]], metrics["table.row_count"]
        return {
            "success": count == 0,
            "result": {"observed_value": count, "element_count": total, "unexpected_count": count},
        }


class ExpectKeyToAgreeAcrossFeeds(_AskWarehouse):
    """Expect that no other feed holds the same record with another content."""

    key: str
    content: str
    history: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.key_disagrees_across_feeds", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("key", "content", "history")
    args_keys: ClassVar[tuple[str, ...]] = ("key", "content", "history")


class ExpectUpdatesToBeNewer(_AskWarehouse):
    """Expect that a new version is dated after the one before it, and that no ended record comes back."""

    history: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.updates_not_newer", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("history",)
    args_keys: ClassVar[tuple[str, ...]] = ("history",)


class ExpectSubjectsToBeRegistered(_AskWarehouse):
    """Expect that the registration base knows the party by one of its numbers."""

    numbers: dict[str, str]
    name: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.subjects_unknown", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("numbers", "name")
    args_keys: ClassVar[tuple[str, ...]] = ("numbers", "name")


class ExpectNamesToBeRegistered(_AskWarehouse):
    """Expect that a party that the registration base knows bears the name it has there."""

    numbers: dict[str, str]
    name: str
    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.names_unknown", "table.row_count")
    success_keys: ClassVar[tuple[str, ...]] = ("numbers", "name")
    args_keys: ClassVar[tuple[str, ...]] = ("numbers", "name")
