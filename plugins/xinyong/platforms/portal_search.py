"""
The portal's search index: which small file a browser has to fetch for a name, a code or a document number.

No server answers, so every term has a place that follows from itself and from how many files there are, which the
search page says. A name is found by its pairs of signs (grams), a code by its nine signs of the organisation, a
document by the last three digits of its number. `assets/search.js` repeats `normal`, `terms`, `bucket` and
`document_bucket`; a test holds both against each other.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

ENTRIES_PER_FILE = 256  # pairs of a term and a subject, on average
SUBJECTS_PER_FILE = 64
DOCUMENTS_PER_FILE = 128
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


def bucket(term: str, files: int) -> int:
    """Return in which of so many files a term is; one file more takes terms from one other only."""
    whole = _whole_round(files)
    number = _hash(term) % (2 * whole)
    return number if number < files else number - whole


def divided(new: int) -> int:
    """Return the number of the file that a new one takes its terms from."""
    return new - _whole_round(new)


def _whole_round(files: int) -> int:
    """Return the largest power of two that is not more."""
    return 1 << (files.bit_length() - 1)


def _hash(text: str) -> int:
    """FNV-1a over code points."""
    value = 2166136261
    for sign in text:
        value = (value ^ ord(sign)) * 16777619 & 0xFFFFFFFF
    return value


def document_bucket(document: str) -> str:
    """Return the name of the file that knows a document: its last three digits, or a hash where it has none."""
    plain = normal(document)
    digits = "".join(sign for sign in plain if sign in "0123456789")
    return digits[-_NUMBER_SIZE:] if digits else f"h{_hash(plain) % 256:02x}"


def terms_path(number: int) -> str:
    return f"search/terms/{number // 256}/{number}.js"


def subjects_path(number: int) -> str:
    return f"search/subjects/{number // 256}/{number}.js"


def documents_path(name: str, part: int) -> str:
    return f"search/documents/{name[0]}/{name}.{part}.js"


def terms_file(number: int, rows: Iterable[tuple[str, int, str]]) -> bytes:
    """Write term → how many subjects it has and the first numbers as differences, from (term, count, numbers)."""
    found = {}
    for term, count, listed in rows:
        kept = [0, *sorted(map(int, listed.split(",")))]
        found[term] = [count, *(later - earlier for earlier, later in zip(kept, kept[1:], strict=False))]
    return shard(terms_path(number), found)


def shard(path: str, content: Any) -> bytes:
    """Write data as a script, which a page opened from a folder may load too; everything but ASCII is escaped."""
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return f"xinyongShard({json.dumps(path)},{text});\n".encode()
