"""
Seal identity numbers at the door, so that a plain one never reaches the database.

A number becomes four things: an authenticated ciphertext (AES-SIV: the same number gives the same ciphertext,
so that repeated runs leave the same bytes), a keyed hash for joins (HMAC-SHA256 under a key of its own), a
masked form for people, and a verdict for the rules. A resident number found anywhere else is replaced by a
token that holds its masked and sealed form; nothing is lost, and rule R33 finds the token. One whose figures are parted
by blanks or hyphens must have a right check figure to count: a document number with a date in it looks much like it.
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
_GAP = r"[ \u00a0\u3000\-－‐‑–—]?"  # what parts the figures of a number
_BORN = ("(?:[1１][9９]|[2２][0０])", r"\d", r"\d", "[01０１]", r"\d", "[0-3０-３]", r"\d")
_AFTER_BIRTH = (r"\d", r"\d", r"\d", r"[\dXxＸｘ]")
_PARTED_NUMBER = re.compile(rf"(?<![0-9A-Za-z])(?:\d{_GAP}){{6}}{_GAP.join((*_BORN, *_AFTER_BIRTH))}(?![0-9A-Za-z])")
# From the year of birth on; beginning with two fixed digits, it is found three times as fast as the whole number.
_BIRTH = re.compile(_GAP.join(("(?:19|20)", r"\d", r"\d", "[01]", r"\d", "[0-3]", r"\d", *_AFTER_BIRTH)))
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

    def hide(self, text: str, parted: bool = True) -> str:
        """Replace every resident number inside a text by its token; `parted`: also where gaps part its figures."""
        hidden = _RESIDENT_NUMBER.sub(self._token, text)
        return _PARTED_NUMBER.sub(self._parted, hidden) if parted else hidden

    def _parted(self, match: re.Match[str]) -> str:
        number = _joined(match[0])
        return self._sealed_token(number) if _is_parted(match[0], number) else match[0]

    def _token(self, match: re.Match[str]) -> str:
        number = unicodedata.normalize("NFKC", match[0]).upper()
        if is_uscc(number) or not _is_persons(number):
            return match[0]
        return self._sealed_token(number)

    def _sealed_token(self, number: str) -> str:
        sealed = base64.b64encode(self._cipher.encrypt(number.encode(), None)).decode()
        return f"{TOKEN}{masked(number)}:{sealed}›"


def _is_persons(number: str) -> bool:
    """Say whether a number holds a place and a day of birth; mistyped at its end, it is still somebody's."""
    return verdict("身份证", number[:17] + str(ric.calc_check_digit(number))) == "resident_id:valid"


def _joined(parted: str) -> str:
    """Return the figures of a number without what parts them."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", parted).upper() if sign.isalnum())


def _is_parted(written: str, number: str) -> bool:
    """Say whether what is written in parts is somebody's number, down to its check figure."""
    return len(written) > len(number) and verdict("身份证", number) == "resident_id:valid"


def without_numbers(text: str) -> str:
    """Mask everything shaped like a resident number, for words about a delivery that people and logs are shown."""
    whole = _RESIDENT_NUMBER.sub(lambda found: found[0] if is_uscc(found[0]) else masked(found[0]), text)
    return _PARTED_NUMBER.sub(_masked_if_parted, whole)


def _masked_if_parted(match: re.Match[str]) -> str:
    number = _joined(match[0])
    return masked(number) if _is_parted(match[0], number) else match[0]


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
