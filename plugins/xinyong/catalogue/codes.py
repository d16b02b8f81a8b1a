"""Code tables and announced working days."""

from __future__ import annotations

from datetime import date

from pydantic import model_validator

from xinyong.catalogue.words import Declaration, Name, Title


class CodeValue(Declaration):
    """
    One value of a code table, valid from `since` until `until` (both inclusive; open where absent).

    `title` says what a code stands for; `became` which code goes on where this one ended.
    """

    value: str
    since: date | None = None
    until: date | None = None
    title: str | None = None
    became: str | None = None

    def is_valid(self, day: date) -> bool:
        """Say whether the value is in force on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Respelling(Declaration):
    """
    Older or looser words (`of`) that are cleaned into `becomes`, for decisions made from `since` until `until`.

    `becomes` may name several values, joined by the table's separator.
    """

    of: tuple[str, ...]
    becomes: str
    since: date | None = None
    until: date | None = None


class CodeTable(Declaration):
    """
    The values a field may take; `other_prefix` admits free text behind it, such as 其他-补办.

    `respelled` says which other words are cleaned into values of the table before anything is judged.
    """

    name: Name
    title: Title
    basis: str
    separator: str | None = None
    other_prefix: str | None = None
    values: tuple[CodeValue, ...]
    respelled: tuple[Respelling, ...] = ()

    @model_validator(mode="after")
    def _respellings_lead_into_the_table(self) -> CodeTable:
        for one in self.respelled:
            made = one.becomes.split(self.separator) if self.separator else [one.becomes]
            if unknown := [word for word in made if word not in self.words()]:
                raise ValueError(f"respelled: `{unknown[0]}` is no value of the table")
            if known := [word for word in one.of if word in self.words()]:
                raise ValueError(f"respelled: `{known[0]}` is a value itself and needs no other spelling")
        return self

    def words(self) -> tuple[str, ...]:
        """Return the values without their dates."""
        return tuple(entry.value for entry in self.values)

    def spellings(self) -> tuple[Respelling, ...]:
        """
        Return every spelling that cleaning undoes, one word each: declared ones, and those of the free-text prefix.

        A listed word behind the prefix (其他-警告), or with the prefix's own word behind it (警告-其他), is that word.
        """
        found = [one.model_copy(update={"of": (word,)}) for one in self.respelled for word in one.of]
        if not self.other_prefix:
            return tuple(found)
        ending = f"-{self.other_prefix.rstrip('-')}"
        listed = [Respelling(of=(e.value,), becomes=e.value, since=e.since, until=e.until) for e in self.values]
        for one in [*listed, *found]:
            spelt = (f"{self.other_prefix}{one.of[0]}", f"{one.of[0]}{ending}", f"{one.of[0]}{ending}{ending}")
            found += [one.model_copy(update={"of": (word,)}) for word in spelt]
        return tuple(found)


class CalendarYear(Declaration):
    """
    An announced year that the library does not know yet: days off and make-up working days.

    `statutory_days` is what the law grants: as many weekdays are off, less the make-up days (13 since 2025).
    """

    year: int
    notice: str
    statutory_days: int = 13
    holidays: tuple[date, ...]
    workdays: tuple[date, ...] = ()
