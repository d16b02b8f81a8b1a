"""The places that must be kept true: what is told to a platform, what it answers, and how each one is reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from xinyong.catalogue.department import Department
    from xinyong.catalogue.platforms import Platform
    from xinyong.settings import Connection
    from xinyong.signing import Signer

State = Literal["accepted", "rejected", "unknown"]

# Codes of unknown answers: asked by its key, the platform does not have the record; it still shows one that was
# withdrawn; it holds another content. Where that stays so, the item is rejected, and the next delta tells it anew.
ABSENT, STILL_SHOWN, OTHER_CONTENT = "absent", "shown", "other_content"
UNDONE = (ABSENT, STILL_SHOWN, OTHER_CONTENT)
# Signs that no XML document may hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One operation on one record, its payload rendered to the platform's own columns and formats."""

    position: int
    record_type: str
    record_id: str
    operation: str
    reason: str | None
    natural_key: str
    content_hash: str
    payload: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Message:
    """A numbered message to one platform; the idempotency key names its content for ever."""

    platform: str
    number: int
    business_date: date
    kind: str
    record_type: str | None
    idempotency_key: str
    items: tuple[Item, ...]

    @property
    def says_nothing(self) -> bool:
        """Whether this is the explicit "nothing to report" of a quiet day."""
        return self.kind == "nothing_to_report"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a platform says about one item: accepted, rejected with a reason, or not known yet."""

    position: int
    state: State
    code: str | None = None
    field: str | None = None
    text: str | None = None


class Adapter(Protocol):
    """One way of telling a platform something and of asking what became of it."""

    def send(self, message: Message) -> list[Answer] | None:
        """
        Hand the message over; return the answers where they are known at once.

        Raises PlatformUnavailable when nothing is known, MessageRefused when the platform said no.
        """

    def ask(self, message: Message) -> list[Answer] | None:
        """Return an answer per item, or None when the platform does not know the message and it is safe to send."""

    def listing(self, record_type: str) -> dict[str, str] | None:
        """Return natural key → content hash of what the platform shows, or None where it offers no listing."""


def adapter(platform: Platform, department: Department, access: Connection, signer: Signer) -> Adapter:
    """Return the adapter of a declared platform; what a channel needs is imported only when it is used."""
    if platform.channel == "service":
        from xinyong.platforms.service import service_adapter

        return service_adapter(platform, department, access, signer)
    if platform.channel == "file" and platform.options.get("form") == "xml":
        from xinyong.platforms.package import package_adapter

        return package_adapter(platform, department, access)
    if platform.channel == "file":
        from xinyong.platforms.file import file_adapter

        return file_adapter(platform, department, access)
    if platform.channel == "database":
        from xinyong.platforms.exchange import exchange_adapter

        return exchange_adapter(platform, access)
    from xinyong.platforms.portal import portal_adapter

    return portal_adapter(platform, department, access, signer)
