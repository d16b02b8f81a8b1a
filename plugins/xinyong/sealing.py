"""
Seal identity numbers at the door, so that a plain one never reaches the database.

A number becomes four things: an authenticated ciphertext (AES-SIV: the same number gives the same ciphertext,
so that repeated runs leave the same bytes), a keyed hash for joins (HMAC-SHA256 under a key of its own), a
masked form for people, and a verdict for the rules. A resident number found anywhere else is replaced by a
token that holds its masked and sealed form; nothing is lost, and rule R33 finds the token.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from stdnum.cn import ric

from xinyong.identifiers import is_uscc, verdict
from xinyong.settings import settings

TOKEN = "‹sealed:"  # noqa: S105 – a marker in text, not a password
_RESIDENT_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXxＸｘ](?![0-9A-Za-z])")
# From the year of birth on; beginning with two fixed digits, it is found three times as fast as the whole number.
_BIRTH = re.compile(r"(?:19|20)\d\d[01]\d[0-3]\d\d{3}[\dXxＸｘ]")
_FULL_WIDTH_DIGITS = "０１２３４５６７８９"
_TOKEN = re.compile(f"{TOKEN}([^:›]*):[^›]*›")
_BLANK_WORDS = frozenset({"", "无", "/", "-", "—", "null", "none", "空"})


@dataclass(frozen=True, slots=True)
class Sealed:
    """An identity number as it is stored: masked text, ciphertext, keyed hash and verdict."""

    masked: str
    ciphertext: bytes
    digest: bytes
    verdict: str


class Sealer:
    """Seals with one pair of keys; results are kept for numbers that repeat within a batch."""

    def __init__(self, sealing_key: bytes, hashing_key: bytes) -> None:
        self._cipher = AESSIV(sealing_key)
        self._hashing_key = hashing_key
        self.seal = lru_cache(maxsize=20_000)(self._seal)

    def _seal(self, kind: str, number: str) -> Sealed | None:
        """Seal what stands in an identity column; a blank-like word is no number."""
        written = "".join(unicodedata.normalize("NFKC", number).split()).upper()
        if written.lower() in _BLANK_WORDS:
            return None
        plain = written.encode()
        return Sealed(
            masked(written),
            self._cipher.encrypt(plain, None),
            hmac.digest(self._hashing_key, plain, "sha256"),
            verdict(kind, written),
        )

    def checksum(self) -> hmac.HMAC:
        """Return what content is counted into; keyed, since a number could be guessed from a bare digest of its row."""
        return hmac.new(self._hashing_key, b"batch", "sha256")

    def unseal(self, ciphertext: bytes) -> str:
        """Return the plain number; raises `InvalidTag` when the ciphertext was changed or the key is another."""
        return self._cipher.decrypt(ciphertext, None).decode()

    def hide(self, text: str) -> str:
        """Replace every resident number inside a text by its token."""
        return _RESIDENT_NUMBER.sub(self._token, text)

    def _token(self, match: re.Match[str]) -> str:
        number = unicodedata.normalize("NFKC", match[0]).upper()
        if is_uscc(number) or not _is_persons(number):
            return match[0]
        sealed = base64.b64encode(self._cipher.encrypt(number.encode(), None)).decode()
        return f"{TOKEN}{masked(number)}:{sealed}›"


def _is_persons(number: str) -> bool:
    """Say whether a number holds a place and a day of birth; mistyped at its end, it is still somebody's."""
    return verdict("身份证", number[:17] + str(ric.calc_check_digit(number))) == "resident_id:valid"


def without_numbers(text: str) -> str:
    """Mask everything shaped like a resident number, for words about a delivery that people and logs are shown."""
    return _RESIDENT_NUMBER.sub(lambda found: found[0] if is_uscc(found[0]) else masked(found[0]), text)


def readable(text: str) -> str:
    """Show only the masked form of the numbers that were hidden in a text, for people who have to put it right."""
    return _TOKEN.sub(lambda found: found[1], text)


def may_hold_number(text: str) -> bool:
    """Say quickly whether a text holds something shaped like a resident number: every row is asked this."""
    return _BIRTH.search(text) is not None or any(map(text.__contains__, _FULL_WIDTH_DIGITS))


def masked(number: str) -> str:
    """Show the first six and last four of a resident number, first and last character of anything else."""
    if len(number) >= 15:
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    return f"{number[:1]}{'*' * max(len(number) - 2, 1)}{number[-1:]}" if len(number) > 1 else "*"


def sealer() -> Sealer:
    """Return a sealer with this installation's keys."""
    keys = settings()
    return Sealer(keys.sealing_key, keys.hashing_key)
