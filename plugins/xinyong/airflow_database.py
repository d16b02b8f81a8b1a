"""Airflow's own database: where it is, and what its sessions are told."""

from __future__ import annotations

import os
from pathlib import Path

from xinyong.postgres import server

VARIABLE = "XINYONG_AIRFLOW_DATABASE_URL"
ENDS_LEFT_TRANSACTIONS = "-cidle_in_transaction_session_timeout=120s"  # Airflow's own take seconds at most


def url(var: Path) -> str:
    """
    Return its URL: that of the environment, or the database `airflow` beside the warehouse; Airflow speaks psycopg 3.

    The tasks of a scheduler that is killed inherit its connection: an open transaction would hold its runs for ever.
    """
    from sqlalchemy import make_url

    made = make_url(os.environ.get(VARIABLE) or server(var).url("airflow")).set(drivername="postgresql+psycopg")
    if "options" not in made.query:
        made = made.update_query_dict({"options": ENDS_LEFT_TRANSACTIONS})
    return made.render_as_string(hide_password=False)
