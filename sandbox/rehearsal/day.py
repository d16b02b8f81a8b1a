"""What a bad day is: what a platform does, how long, and how one sees what the platform then shows."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

from xinyong.catalogue import catalogue
from xinyong.database import connected
from xinyong.rejections import rejections
from xinyong.stages import publication as tasks

Listing = dict[str, Any]  # what is shown → its content


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


def unlinked(platform: str, today: date) -> frozenset[str]:
    """
    Return what a platform refuses because it does not know the subject: record type and key.

    It links by today's names, and a record keeps the name of its day. Told afresh, a record of an enterprise that was
    renamed or merged meanwhile is refused, and stands before its section.
    """
    found, reasons = catalogue(), catalogue().platforms[platform].again_when_linked
    with connected() as connection:
        standing = rejections(connection, found, today, platform=platform)
    return frozenset(f"{one.record_type}|{one.natural_key}" for one in standing if one.code in reasons)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let this process write no file any more, as on a disk without room; works for any user."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
