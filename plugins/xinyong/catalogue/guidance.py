"""What the portal tells its readers besides the records: notices, guides, terms of use."""

from __future__ import annotations

from datetime import date
from typing import Any

from xinyong.catalogue.words import Declaration, Name
from xinyong.errors import CatalogueError


class Part(Declaration):
    """A part of a guide: paragraphs, then numbered steps."""

    heading: str
    text: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


class Guide(Declaration):
    """One page of guidance; `contacts` adds the sections' telephone numbers."""

    title: str
    lead: str
    parts: tuple[Part, ...]
    contacts: bool = False


class Notice(Declaration):
    """A notice of the first page."""

    day: date
    text: str


class Guidance(Declaration):
    """
    The words of the portal, in Chinese.

    A text may say `{objection.working_days}` or `{objection.answer_days}`: the clock of that kind of act.
    """

    lead: str = ""
    notices: tuple[Notice, ...] = ()
    terms: tuple[str, ...] = ()
    guides: dict[Name, Guide] = {}

    def with_clocks(self, kinds: dict[Any, Any]) -> Guidance:
        """Return the same words with the working days of the acts put in."""
        return Guidance.model_validate(_filled(self.model_dump(), kinds))


def _filled(value: Any, kinds: dict[Any, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, kinds) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_filled(part, kinds) for part in value)
    return _with_clock(value, kinds) if isinstance(value, str) else value


def _with_clock(text: str, kinds: dict[Any, Any]) -> str:
    try:
        return text.format_map(kinds)
    except (KeyError, AttributeError, ValueError, IndexError) as error:
        raise CatalogueError(
            f"catalogue/guidance.yml: the text {text[:60]!r} cannot be filled. Found: {type(error).__name__} {error}. "
            f"Expected: {{objection.working_days}} or another clock of catalogue/acts.yml. Correct the word in braces."
        ) from None
