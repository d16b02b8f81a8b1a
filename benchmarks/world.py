"""A server of a benchmark's own, in a folder of its own; both are gone afterwards, also when somebody ends it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


@contextmanager
def world() -> Iterator[Path]:
    """
    Start a server with an empty database and let the pipeline be told of it; yield its folder.

    SIGTERM ends the process like an interruption, so that the server goes with it; nothing can be done about SIGKILL.
    """
    from xinyong.postgres import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="xinyong-bench-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    before = signal.signal(signal.SIGTERM, _end)
    try:
        server.start()
        server.create_database("xinyong")
        os.environ |= {
            "XINYONG_VAR": str(folder),
            "XINYONG_DATABASE_URL": server.url("xinyong"),
            "AIRFLOW_CONN_XINYONG_BENCH": f"file://{folder}",
            **{f"XINYONG_{name}_KEY": "A" * 88 for name in ("SEALING", "HASHING", "SIGNING")},
        }
        yield folder
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough, what follows takes a second
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
