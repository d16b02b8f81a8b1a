"""
What Airflow gains: a scheduler whose task processes are born with the libraries they need, and a page for clerks.

LocalExecutor forks its task processes from the scheduler. What the scheduler has imported before that is there in
every task at once; each would otherwise spend three seconds on it. No other part of Airflow imports anything here: the
page on which a file is judged before it is delivered is made when somebody opens it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

NEEDED_BY_TASKS = (
    "great_expectations",
    *(
        f"xinyong.{module}"
        for module in (
            "stages", "extract", "landing", "staging", "quality", "quality.checkpoint", "warehouse", "aggregate",
            "reconcile", "publish", "receipts", "platforms", "report",
        )
    ),
)  # fmt: skip


class WarmStart:
    """Listens for the start of the scheduler, which comes before its executor forks."""

    @hookimpl
    def on_starting(self, component: Any) -> None:
        """Import what tasks need, in the scheduler only."""
        # A job announces itself before it knows its own kind, and the processes of tasks inherit the command line.
        if type(component).__name__ == "Job" and "scheduler" in sys.argv:
            for module in NEEDED_BY_TASKS:
                importlib.import_module(module)


async def check_page(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to the page; what it needs is imported by the first one."""
    from xinyong.check_page import app

    await app(scope, receive, send)


class XinyongPlugin(AirflowPlugin):
    """The plugin as Airflow finds it."""

    name = "xinyong"
    listeners = [WarmStart()]
    fastapi_apps = [{"app": check_page, "url_prefix": "/xinyong/check", "name": "xinyong"}]
    external_views = [
        {"name": "报送前预检 Pre-check", "href": "/xinyong/check/", "destination": "nav", "category": "browse"}
    ]
