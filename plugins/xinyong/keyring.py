"""The secrets of one machine's world: generated once, in files that only their owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

_SM2 = "AIRFLOW_CONN_XINYONG_SIGNING"
_SM2_KEYS = 2**255  # the curve has twice as many, and its order would be one more number to keep in two places


def kept(path: Path) -> dict[str, str]:
    """Return the secrets of a file, which is made when it is missing; one of an earlier version gains what it lacks."""
    found = dict(json.loads(path.read_text())) if path.exists() else _made()
    if not path.exists() or _SM2 not in found:
        found.setdefault(_SM2, f"sm2://:{secrets.randbelow(_SM2_KEYS) + 1:064x}@local")
        write_private(path, json.dumps(found, indent=1))
    return found


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
