"""What DAGs and pools are called, for those who ask for them without importing Airflow."""

from __future__ import annotations

from typing import Final

from xinyong.catalogue import Catalogue

AGGREGATE: Final = "aggregate"
REPORT: Final = "report"
RECHECK: Final = "recheck"
ACT: Final = "act"
CORRECTION: Final = "correction"
RETURNED: Final = "returned"
STARTED_BY_CLOSING: Final = {"close_intake": AGGREGATE, "close_publication": REPORT}
CLOSINGS: Final = tuple(STARTED_BY_CLOSING)


def intake(feed: str) -> str:
    """Return the DAG that takes in a feed."""
    return f"intake_{feed}"


def publish(platform: str) -> str:
    """Return the DAG that publishes to a platform."""
    return f"publish_{platform}"


def pool(platform: str) -> str:
    """Return the pool that limits the calls to a platform."""
    return f"platform_{platform}"


def dag_ids(catalogue: Catalogue) -> set[str]:
    """Return every DAG that a catalogue yields."""
    feeds, platforms = map(intake, catalogue.feeds), map(publish, catalogue.platforms)
    return {*feeds, *platforms, AGGREGATE, REPORT, RECHECK, ACT, CORRECTION, RETURNED, *CLOSINGS}
