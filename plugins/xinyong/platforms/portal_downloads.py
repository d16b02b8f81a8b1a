"""
Open data: the records of each type and month as CSV and JSON, and a signed list of all files.

CSV is UTF-8 with a byte order mark, because the spreadsheet program that most readers have takes it for another
encoding without one. A cell that such a program would run as a formula gets an apostrophe in front; JSON is unchanged.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from xinyong.platforms.portal_shapes import Payload
from xinyong.signing import SIGNER_ID, Signer, der, pem, sm3

PAGES_PER_FILE = 40  # of the list: a record stays in its file as it stays on its page
MANIFEST, SIGNATURE = "data/manifest.json", "data/manifest.sig"
SIGNATURE_DER, PUBLIC_KEY = "data/manifest.der", "data/public_key.pem"  # for OpenSSL, as one command of it wants them

_FORMULA = re.compile(r"[\s\u200b-\u200f\ufeff]*[=+\-@＝＋－＠\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def described(content: bytes) -> dict[str, Any]:
    """Return what the list of files says about a file."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "sm3": sm3(content)}


def part_of(list_page: int) -> int:
    """Return in which part of a month's downloads the records of a page of the list are."""
    return (list_page - 1) // PAGES_PER_FILE + 1


def pages_of(part: int) -> tuple[int, int]:
    """Return the first and last page of the list whose records are in a part."""
    return (part - 1) * PAGES_PER_FILE + 1, part * PAGES_PER_FILE


def path(record_type: str, month: str, part: int, kind: str) -> str:
    """Return where a part of a month's records is downloaded."""
    later = f"_{part}" if part > 1 else ""
    return f"data/{record_type}/{record_type}_{month}{later}.{kind}"


def as_csv(columns: Sequence[str], payloads: Iterable[Payload]) -> bytes:
    """Write records under their titles."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([harmless(payload.get(title) or "") for title in columns] for payload in payloads)
    return text.getvalue().encode("utf-8-sig")


def as_json(columns: Sequence[str], payloads: Iterable[Payload]) -> bytes:
    """Write records as an array, one to a line."""
    lines = [json.dumps({title: payload.get(title) for title in columns}, ensure_ascii=False) for payload in payloads]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


def harmless(cell: str) -> str:
    """Return the cell so that no spreadsheet program takes it for a formula; numbers stay numbers."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def manifest(about: Mapping[str, Any], files: Iterable[Any], signer: Signer) -> bytes:
    """Return the list of all files with their digests, as the bytes that are signed."""
    columns = ("path", "record_type", "month", "records", "bytes", "sha256", "sm3")
    listed = [{name: getattr(file, name) for name in columns} for file in files]
    content = {**about, "algorithm": signer.algorithm, "files": listed}
    return (json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n").encode()


def signature(content: bytes, signer: Signer) -> dict[str, bytes]:
    """Return path → content of what proves a manifest: its signature, and the public key where there is one."""
    signed = {"file": "manifest.json", "algorithm": signer.algorithm, "signature": signer.sign(content)}
    key = getattr(signer, "public_key", None)  # a signer of one's own, in a device, may have one too
    if key is None:
        return {SIGNATURE: _lines(signed)}
    whole = {**signed, "signer_id": SIGNER_ID, "public_key": key}
    return {SIGNATURE: _lines(whole), SIGNATURE_DER: der(signed["signature"]), PUBLIC_KEY: pem(key)}


def _lines(content: Mapping[str, str]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


KINDS: dict[str, Callable[[Sequence[str], Iterable[Payload]], bytes]] = {"csv": as_csv, "json": as_json}
