"""Who holds which post from when to when, and what of it is in force on a day.

A term runs from the day of appointment (`from_on`) up to the day of removal (`until_on`), on which it is no longer held: so a
successor's term begins on the day that the predecessor's ends. Days are those of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
EARLIEST = date(1949, 10, 1)
HEADS = frozenset({"first_in_command", "unit_head"})
# What these give reaches every case, account or record of the instance.
GUARDED = frozenset({"administrator", "auditor", "first_in_command"})


class Standing(StrEnum):
    """Where a term stands on a day."""

    PRESENT = "present"
    COMING = "coming"
    PAST = "past"
    REVOKED = "revoked"  # it ended on the day that it would have begun


@dataclass(frozen=True, kw_only=True)
class Term:
    """A post held by an official. `place` orders his posts: the lowest is the one that he signs with.

    `from_on` is None where it is not known since when; `until_on` where nothing is decided.
    """

    id: UUID
    official: str
    organisation: str
    title: str
    roles: frozenset[str]
    place: int = 0
    from_on: date | None = None
    until_on: date | None = None

    def on(self, day: date) -> Standing:
        """Where the term stands on a day."""
        if self.until_on is not None and self.until_on == self.from_on:
            return Standing.REVOKED
        if self.until_on is not None and self.until_on <= day:
            return Standing.PAST
        return Standing.COMING if self.from_on is not None and self.from_on > day else Standing.PRESENT

    def overlaps(self, other: Term) -> bool:
        """Whether there is a day on which both are in force."""
        if Standing.REVOKED in (self.on(EARLIEST), other.on(EARLIEST)):
            return False
        begins = max(self.from_on or EARLIEST, other.from_on or EARLIEST)
        return all(term.until_on is None or term.until_on > begins for term in (self, other))

    def leads(self) -> bool:
        """Whether it makes its holder the first-in-command of the organisation, here or where that works."""
        return not HEADS.isdisjoint(self.roles)

    def as_post(self) -> dict[str, Any]:
        """The post, as `directory.official_recorded` tells it."""
        return {"organisation": self.organisation, "title": self.title, "roles": sorted(self.roles)}

    def as_data(self) -> dict[str, Any]:
        """The term as the history keeps it."""
        days = {name: day and day.isoformat() for name, day in (("from_on", self.from_on), ("until_on", self.until_on))}
        return {"id": str(self.id), "place": self.place, **self.as_post(), **days}


def day_of(moment: datetime) -> date:
    """The calendar day of an instant, for people."""
    return moment.astimezone(CHINA).date()


def posts_on(terms: Iterable[Term], day: date) -> tuple[bool, tuple[dict[str, Any], ...]]:
    """Whether an official is in office on a day, and his posts then, the one that he signs with first.

    Of one who left, the posts that he held last: he is still shown, named and complained of by them. Of one who is only to
    come, the posts that he will hold.
    """
    known = sorted((term for term in terms if term.on(day) is not Standing.REVOKED), key=lambda term: (term.place, str(term.id)))
    present = [term for term in known if term.on(day) is Standing.PRESENT]
    if present:
        return True, tuple(term.as_post() for term in present)
    past = [term for term in known if term.on(day) is Standing.PAST]
    last = max((term.until_on for term in past if term.until_on), default=None)
    shown = [term for term in past if term.until_on == last] or [term for term in known if term.on(day) is Standing.COMING]
    return False, tuple(term.as_post() for term in shown)


def turning_days(terms: Iterable[Term], today: date) -> list[date]:
    """Today and each later day on which a term begins or ends."""
    days = {day for term in terms for day in (term.from_on, term.until_on) if day is not None and day > today}
    return [today, *sorted(days)]
