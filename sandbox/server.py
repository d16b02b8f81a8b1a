"""The HTTP server of the stand-ins: a client that was killed in the middle of a request is no error of theirs."""

from __future__ import annotations

import sys
from http.server import ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Answers each request in a thread of its own and says nothing about connections that break."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
