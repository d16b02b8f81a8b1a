"""
The portal's search index: which small file a browser has to fetch for a name, a code or a document number.

No server answers, so every term has a fixed place. A name is found by its pairs of signs (grams), a code by its nine
signs of the organisation, a document by the last three digits of its number. `assets/search.js` repeats `normal`,
`terms`, `bucket` and `document_bucket`; a test holds both against each other.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

BUCKETS = 1024
SUBJECTS_PER_FILE = 64
DOCUMENTS_PER_FILE = 500
POSTINGS_PER_TERM = 1000  # a pair of signs in more names than that finds nothing by itself
_CODE_SIZE = 18
_ORGANISATION = slice(8, 17)
_NUMBER_SIZE = 3


def normal(text: str) -> str:
    """Return letters and digits alone, in one width and case: brackets, blanks and invisible signs do not count."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LN")


def terms(names: Iterable[str], code: str) -> set[str]:
    """Return what a subject is found by: the pairs of signs of its names, and its code."""
    found = {pair for name in names for pair in pairs(normal(name))}
    plain = normal(code)
    if len(plain) == _CODE_SIZE:
        found.add(plain[_ORGANISATION])
    elif plain:
        found.add(plain)
    return found


def pairs(text: str) -> set[str]:
    """Return every two neighbouring signs."""
    return {text[at : at + 2] for at in range(len(text) - 1)}


def bucket(term: str) -> int:
    """Return the number of the file that knows a term: FNV-1a over its code points."""
    value = 2166136261
    for sign in term:
        value = (value ^ ord(sign)) * 16777619 & 0xFFFFFFFF
    return value % BUCKETS


def document_bucket(document: str) -> str:
    """Return the name of the file that knows a document: its last three digits, or a hash where it has none."""
    plain = normal(document)
    digits = "".join(sign for sign in plain if sign in "0123456789")
    return digits[-_NUMBER_SIZE:] if digits else f"h{bucket(plain) % 256:02x}"


def terms_path(number: int) -> str:
    name = f"{number:03x}"
    return f"search/terms/{name[-1]}/{name}.js"


def subjects_path(number: int) -> str:
    return f"search/subjects/{number // 256}/{number}.js"


def documents_path(name: str, part: int) -> str:
    return f"search/documents/{name[0]}/{name}.{part}.js"


def terms_file(number: int, rows: Iterable[tuple[str, str]]) -> bytes:
    """Write term → how many subjects it has and their numbers as differences, from (term, numbers by comma)."""
    found = {}
    for term, listed in rows:
        numbers = sorted(map(int, listed.split(",")))
        kept = [0, *numbers[:POSTINGS_PER_TERM]]
        found[term] = [len(numbers), *(later - earlier for earlier, later in zip(kept, kept[1:], strict=False))]
    return shard(terms_path(number), found)


def shard(path: str, content: Any) -> bytes:
    """Write data as a script, which a page opened from a folder may load too; everything but ASCII is escaped."""
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return f"xinyongShard({json.dumps(path)},{text});\n".encode()
