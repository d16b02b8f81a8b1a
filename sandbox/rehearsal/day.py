"""What a bad day is: what a platform does, how long, and how one sees what the platform then shows."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from xinyong.catalogue import catalogue
from xinyong.stages import publication as tasks

Listing = dict[str, str]


@dataclass(frozen=True, slots=True)
class BadDay:
    """
    What a platform does on so many `nights`, after so many `good` ones.

    `during` is entered before the bad nights, when it happens, and left after them, when somebody has mended it. With
    no bad nights it happened once, and the nights that follow must find it.
    """

    name: str
    during: Callable[[], AbstractContextManager[None]]
    nights: int = 1
    good: int = 0


@dataclass(frozen=True, slots=True)
class House:
    """
    A platform and its bad days.

    `name` is the platform as a reader knows it, `platform` as the catalogue does. `ready` is entered before its first
    night, good or bad; `shown` tells what the public would see there.
    """

    name: str
    platform: str
    days: tuple[BadDay, ...]
    shown: Callable[[], Listing]
    ready: Callable[[], AbstractContextManager[None]] = nullcontext


def listed(platform: str) -> Listing:
    """Return what a platform lists itself: record type and key → content."""
    adapter = tasks.adapter_of(platform)
    records = catalogue().platforms[platform].records
    return {f"{name}|{key}": value for name in records for key, value in (adapter.listing(name) or {}).items()}


@contextmanager
def full_disk() -> Iterator[None]:
    """Let this process write no file any more, as on a disk without room; works for any user."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
