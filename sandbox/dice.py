"""Draws that depend on nothing but their key, so that a record is the same on every machine and in every order."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Option = TypeVar("Option")


class Dice:
    """A small stream of draws; much cheaper to start than `random.Random`, which matters for a million records."""

    __slots__ = ("_key", "_left", "_pool")

    def __init__(self, *key: object) -> None:
        self._key = repr(key).encode()
        self._pool = 0
        self._left = 0

    def below(self, bound: int) -> int:
        """Draw a number from 0 up to, not including, `bound`."""
        if self._left < bound << 16:
            self._key = blake2b(self._key).digest()
            self._pool = int.from_bytes(self._key)
            self._left = 1 << 512
        self._pool, drawn = divmod(self._pool, bound)
        self._left //= bound
        return drawn

    def between(self, low: int, high: int) -> int:
        """Draw a number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[Option]) -> Option:
        """Draw one of the options, each as likely as the others."""
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """Say yes `percent` times in a hundred."""
        return self.below(100) < percent
