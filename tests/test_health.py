"""The health check of containers, asked of a stand-in for Airflow's API."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from xinyong.health import main, state

STATES = {"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
        self.end_headers()
        self.wfile.write(json.dumps(STATES).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv(
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"http://127.0.0.1:{server.server_port}/execution/"
        )
        yield
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("part", "code"), [("metadatabase", 0), ("scheduler", 1), ("triggerer", 1)])
def test_only_a_healthy_part_ends_well(api: None, monkeypatch: pytest.MonkeyPatch, part: str, code: int) -> None:
    monkeypatch.setattr(sys, "argv", ["health", part])
    with pytest.raises(SystemExit) as end:
        main()
    assert int(end.value.code) == code


def test_a_silent_api_is_no_health(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://127.0.0.1:9/execution/")
    assert state("scheduler").startswith("unknown, because the API server does not answer")
