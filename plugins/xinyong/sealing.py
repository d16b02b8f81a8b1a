"""
Seal identity numbers at the door, so that a plain one never reaches the database.

A number becomes four things: an authenticated ciphertext (AES-SIV: the same number gives the same ciphertext,
so that repeated runs leave the same bytes), a keyed hash for joins (HMAC-SHA256 under a key of its own), a
masked form for people, and a verdict for the rules. A resident number found anywhere else is replaced by a
token that holds its masked and sealed form; nothing is lost, and rule R33 finds the token.

Texts are searched with the figures of every script read as plain ones. A number may be parted by up to three signs
between any two figures, stand against letters, or against another number; then its check figure must be right to
count, since a document number with a date in it looks much like it. `quality.holds_personal_number` finds the same.
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from stdnum.cn import ric

from xinyong.identifiers import is_uscc, verdict
from xinyong.settings import settings

TOKEN = "‹sealed:"  # noqa: S105 – a marker in text, not a password
# What may part two figures of a number: blanks, line ends, hyphens, points, brackets, and what nobody sees.
_GAP = (
    r"[\s\-._/·•・()（）\[\]【】－\u2010-\u2015"  # noqa: RUF001 – looking alike is why they are here
    r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe0e\ufe0f\ufeff]{0,3}"
)
APART = "|"  # parts no number: cells that are searched together are joined by it
_FIGURE = "[0-9]"
_AFTER_YEAR = _GAP.join(("", _FIGURE, _FIGURE, "[01]", _FIGURE, "[0-3]", *[_FIGURE] * 4, "[0-9Xx]"))
# From the year of birth on; two patterns that begin with a fixed figure take half the time of one with both.
_BIRTHS = tuple(re.compile(f"{century}(?={_AFTER_YEAR})") for century in (f"1{_GAP}9", f"2{_GAP}0"))
_REST = re.compile(f"{_GAP.join((_FIGURE, _FIGURE))}{_AFTER_YEAR}")
_DIVISION = re.compile(rf"(?:{_FIGURE}{_GAP}){{6}}\Z")
_DIVISION_REACH = 6 * (1 + 3)  # six figures, each with its gap
_SHAPED = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
# Holds every sign but the plain ones that is a figure or an X to Unicode, and hardly any that Chinese prose needs.
_UNUSUAL = re.compile(
    "[²³¹\u02e3\u0600-\u1fff\u2070-\u209f\u2169\u2179\u2460-\u24ff\u2776-\u2793\ua620-\uabff０-９Ｘｘ\U00010000-\U0001fbff]"
)
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

    def _seal(self, kind: str, number: str, on: date = date.max) -> Sealed | None:
        """Seal what stands in an identity column and was delivered on a day; a blank-like word is no number."""
        written = "".join(unicodedata.normalize("NFKC", number).split()).upper()
        if written.lower() in _BLANK_WORDS:
            return None
        plain = written.encode()
        return Sealed(
            masked(written),
            self._cipher.encrypt(plain, None),
            hmac.digest(self._hashing_key, plain, "sha256"),
            verdict(kind, written, on),
        )

    def checksum(self) -> hmac.HMAC:
        """Return what content is counted into; keyed, since a number could be guessed from a bare digest of its row."""
        return hmac.new(self._hashing_key, b"batch", "sha256")

    def unseal(self, ciphertext: bytes) -> str:
        """Return the plain number; raises `InvalidTag` when the ciphertext was changed or the key is another."""
        return self._cipher.decrypt(ciphertext, None).decode()

    def hide(self, text: str, parted: bool = True) -> str:
        """Replace every resident number inside a text by its token; `parted`: also those that do not stand whole."""
        found = [one for one in _numbers(text) if parted or one.is_whole]
        return _replaced(text, [(one.start, one.end, self._sealed_token(one.number)) for one in found])

    def _sealed_token(self, number: str) -> str:
        sealed = base64.b64encode(self._cipher.encrypt(number.encode(), None)).decode()
        return f"{TOKEN}{masked(number)}:{sealed}›"


@dataclass(frozen=True, slots=True)
class _Found:
    """What looks like a resident number in a text, and whether it stands whole: unparted, between no letters."""

    start: int
    end: int
    number: str
    is_whole: bool

    @property
    def is_sound(self) -> bool:
        return verdict("身份证", self.number) == "resident_id:valid"

    @property
    def is_mistyped(self) -> bool:
        """Say whether it holds a place and a day of birth; mistyped at its end, it is still somebody's."""
        corrected = self.number[:17] + str(ric.calc_check_digit(self.number))
        return self.is_whole and not is_uscc(self.number) and verdict("身份证", corrected) == "resident_id:valid"


def _folded(text: str) -> str:
    """Return a text of the same length whose figures are plain, whatever script they are written in."""
    return _UNUSUAL.sub(lambda sign: _plain(sign[0]), text)


@lru_cache(maxsize=2_000)  # there are 800 such figures
def _plain(sign: str) -> str:
    figure = unicodedata.digit(sign, None)
    if figure is not None:
        return str(figure)
    return "X" if unicodedata.normalize("NFKC", sign) in ("X", "x") else sign


def _spans(folded: str) -> Iterator[tuple[int, int]]:
    """Yield where eighteen figures stand whose middle ones may be a day of birth."""
    for births in _BIRTHS:
        for birth in births.finditer(folded):
            at = birth.start()
            division = _DIVISION.search(folded, max(at - _DIVISION_REACH, 0), at)
            if division and (rest := _REST.match(folded, at)):
                yield division.start(), rest.end()


def _numbers(text: str) -> list[_Found]:
    """Return the resident numbers in a text, in order; each a sound one, or one that stands whole but is mistyped."""
    if len(text) < 18:  # most cells are shorter than any such number
        return []
    folded = _folded(text)
    found = [_found(text, folded, *span) for span in sorted(_spans(folded))]
    sound = [one for one in found if one.is_sound]
    starts, ends = {one.start for one in sound}, {one.end for one in sound}
    free = [
        one
        for one in sound
        if (one.start in ends or not _before(text, one.start).isdecimal())
        and (one.end in starts or not _after(text, one.end).isdecimal())
    ]
    return sorted([*free, *(one for one in found if one.is_mistyped)], key=lambda one: one.start)


def _found(text: str, folded: str, start: int, end: int) -> _Found:
    number = "".join(sign for sign in folded[start:end].upper() if sign.isalnum())
    stands_alone = not _is_letter_or_figure(_before(text, start)) and not _is_letter_or_figure(_after(text, end))
    return _Found(start, end, number, is_whole=stands_alone and end - start == len(number))


def _before(text: str, at: int) -> str:
    return text[max(at - 1, 0) : at]


def _after(text: str, at: int) -> str:
    return text[at : at + 1]


def _is_letter_or_figure(sign: str) -> bool:
    return sign.isdecimal() or (sign.isascii() and sign.isalpha())


def _replaced(text: str, replacements: list[tuple[int, int, str]]) -> str:
    """Put other words in place of parts of a text; of parts that overlap, the first."""
    parts, at = [], 0
    for start, end, words in replacements:
        if start >= at:
            parts += [text[at:start], words]
            at = end
    return "".join([*parts, text[at:]])


def without_numbers(text: str) -> str:
    """Mask everything shaped like a resident number, for words about a delivery that people and logs are shown."""
    shaped = [(one.start(), one.end(), one[0]) for one in _SHAPED.finditer(_folded(text)) if not is_uscc(one[0])]
    found = [(one.start, one.end, one.number) for one in _numbers(text)]
    return _replaced(text, [(start, end, masked(number)) for start, end, number in sorted([*shaped, *found])])


def readable(text: str) -> str:
    """Show only the masked form of the numbers that were hidden in a text, for people who have to put it right."""
    return _TOKEN.sub(lambda found: found[1], text)


def may_hold_number(text: str) -> bool:
    """Say quickly whether a text holds something shaped like a resident number: every row is asked this."""
    return any(True for _ in _spans(_folded(text)))


def masked(number: str) -> str:
    """Show the first six and last four of a resident number, first and last character of anything else."""
    if len(number) >= 15:
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    return f"{number[:1]}{'*' * max(len(number) - 2, 1)}{number[-1:]}" if len(number) > 1 else "*"


def sealer() -> Sealer:
    """Return a sealer with this installation's keys."""
    keys = settings()
    return Sealer(keys.sealing_key, keys.hashing_key)
