"""The secrets of one machine's world: generated once, in files that only their owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path


def kept(path: Path) -> dict[str, str]:
    """Return the secrets of a file, which is made when it is missing."""
    if not path.exists():
        write_private(path, json.dumps(_made(), indent=1))
    return dict(json.loads(path.read_text()))


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that only its owner reads, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def _made() -> dict[str, str]:
    return {
        "XINYONG_SEALING_KEY": _random(64),
        "XINYONG_HASHING_KEY": _random(32),
        "XINYONG_SIGNING_KEY": _random(32),
        "FERNET": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "API": secrets.token_urlsafe(48),
        "JWT": secrets.token_urlsafe(64),  # shorter ones make Airflow warn in each process
        "PASSWORD": secrets.token_urlsafe(12),
    }


def _random(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode()
