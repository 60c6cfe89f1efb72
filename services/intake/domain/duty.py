"""The duty roster of the 24-hour telephone: who answers a line when, and when nobody does. Pure: `now` is handed in.

Weekly patterns lie at the bottom; a single entry takes the place of whatever the patterns say of its line and time. A gap is time of
a line at which nobody in office is on duty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from services.intake.domain.submission import CHINA
from shared.contract.person import Person
from shared.errors import Refused

AHEAD = timedelta(days=7)  # a gap within it is a fault
LONGEST_SHIFT = timedelta(hours=72)
DAY = timedelta(days=1)


class Turn(StrEnum):
    """How the officials of a pattern follow each other."""

    SHIFT = "shift"  # each shift the next one
    DAY = "day"  # the shifts of a day by as many officials, who all move on by one each day
    WEEK = "week"  # the same, each week


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Somebody's time at a line. `source` is the pattern or the single entry (`single`) that says so."""

    line: str
    starts_at: datetime
    ends_at: datetime
    official: str
    source: UUID
    single: bool = False

    @property
    def reference(self) -> str:
        """What names this very shift in a form; it fits no other once the roster has changed."""
        return f"{self.line} {self.starts_at.isoformat()} {self.ends_at.isoformat()} {self.official} {self.source}"


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Shifts that come again each week. `weekdays` are 1 (Monday) to 7; `slots` are `08:00-16:00`, into the next day if they
    end no later than they begin; `officials` come in turn, counted from `begins_on`. Both dates are inside."""

    id: UUID
    line: str
    weekdays: tuple[int, ...]
    slots: tuple[str, ...]
    officials: tuple[str, ...]
    turn: Turn
    begins_on: date
    recorded_by: Person
    recorded_at: datetime
    ends_on: date | None = None
    ended_by: Person | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One shift, outside of every pattern or in place of one. `swap_id`: it is one half of a swap."""

    id: UUID
    line: str
    starts_at: datetime
    ends_at: datetime
    official: str
    recorded_by: Person
    recorded_at: datetime
    swap_id: UUID | None = None
    withdrawn_by: Person | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Swap:
    """Two officials take each other's shift. The officials are those before; the entries hold the shifts as they are now."""

    id: UUID
    first_entry: UUID
    second_entry: UUID
    first_official: str
    second_official: str
    reason: str
    recorded_by: Person
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A piece of time of a line with the officials on duty in it: none in a gap, more than one in an overlap."""

    line: str
    starts_at: datetime
    ends_at: datetime
    officials: tuple[str, ...]

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.ends_at - self.starts_at) / timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """All that says who is on duty. `in_office`: the officials of the directory who are; nobody else covers a line."""

    lines: tuple[str, ...]
    patterns: tuple[Pattern, ...] = ()
    entries: tuple[Entry, ...] = ()
    in_office: frozenset[str] = frozenset()

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """The shifts that lie in a range of time, wholly or in part, by line and time; those of officials out of office too."""
        singles = [_single(entry) for entry in self.entries if entry.withdrawn_at is None]
        singles = [shift for shift in singles if shift.starts_at < end and shift.ends_at > start]
        found = singles + [
            piece for pattern in self.patterns for shift in occurrences(pattern, start, end)
            for piece in _outside(shift, singles) if piece.starts_at < end and piece.ends_at > start
        ]  # fmt: skip
        return sorted(found, key=lambda shift: (shift.line, shift.starts_at, shift.ends_at, shift.official, str(shift.source)))

    def coverage(self, start: datetime, end: datetime) -> list[Piece]:
        """Each line's time from `start` to `end`, cut where somebody comes or goes: the pieces follow each other without a hole."""
        manned = [shift for shift in self.shifts(start, end) if shift.official in self.in_office]
        return [piece for line in self.lines for piece in _pieces(line, [s for s in manned if s.line == line], start, end)]

    def gaps(self, start: datetime, end: datetime) -> list[Piece]:
        """When nobody answers, by line and time."""
        return [piece for piece in self.coverage(start, end) if not piece.officials]

    def overlaps(self, start: datetime, end: datetime) -> list[Piece]:
        """When more than one answers, by line and time."""
        return [piece for piece in self.coverage(start, end) if len(piece.officials) > 1]

    def on_duty(self, line: str, at: datetime) -> tuple[str, ...]:
        """Who answers a line at an instant."""
        found = self.coverage(at, at + timedelta(microseconds=1))
        return next((piece.officials for piece in found if piece.line == line), ())

    def find(self, reference: str) -> Shift | None:
        """The shift that a form names, if the roster still has it."""
        try:
            _, start, end, *_ = reference.split(" ")
            begin, finish = datetime.fromisoformat(start), datetime.fromisoformat(end)
            shifts = self.shifts(begin, finish) if finish - begin <= LONGEST_SHIFT else []
        except (ValueError, TypeError, OverflowError):  # somebody wrote it by hand
            return None
        return next((shift for shift in shifts if shift.reference == reference), None)


def _pieces(line: str, shifts: Sequence[Shift], start: datetime, end: datetime) -> Iterator[Piece]:
    cuts = {start, end} | {at for shift in shifts for at in (shift.starts_at, shift.ends_at) if start < at < end}
    ordered = sorted(cuts) if start < end else []
    last: Piece | None = None
    for begin, finish in pairwise(ordered):
        officials = tuple(sorted({shift.official for shift in shifts if shift.starts_at <= begin and shift.ends_at >= finish}))
        if last and last.officials == officials:  # one's own next shift is no change
            last = replace(last, ends_at=finish)
            continue
        if last:
            yield last
        last = Piece(line=line, starts_at=begin, ends_at=finish, officials=officials)
    if last:
        yield last


def _single(entry: Entry) -> Shift:
    return Shift(
        line=entry.line, starts_at=entry.starts_at, ends_at=entry.ends_at, official=entry.official, source=entry.id, single=True
    )


def _outside(shift: Shift, singles: Iterable[Shift]) -> list[Shift]:
    """What is left of a pattern's shift beside the single entries of its line."""
    left = [shift]
    for single in singles:
        if single.line == shift.line:
            left = [piece for part in left for piece in _cut(part, single)]
    return left


def _cut(shift: Shift, away: Shift) -> Iterator[Shift]:
    if away.ends_at <= shift.starts_at or away.starts_at >= shift.ends_at:
        yield shift
        return
    if shift.starts_at < away.starts_at:
        yield replace(shift, ends_at=away.starts_at)
    if away.ends_at < shift.ends_at:
        yield replace(shift, starts_at=away.ends_at)


def slot_of(text: str) -> tuple[timedelta, timedelta]:
    """When a slot begins, counted from midnight, and how long it is. Raises Refused unless it is `08:00-16:00`."""
    try:
        begin, end = (_clock(part) for part in text.split("-"))
    except ValueError:
        raise Refused(
            "slots",
            "班次时段“%(slot)s”写得不对。",
            "请写成 08:00-16:00；到次日的写成 22:00-06:00，全天写成 00:00-24:00。",
            slot=text,
        ) from None
    return begin, (end - begin if end > begin else end + DAY - begin)


def _clock(text: str) -> timedelta:
    hour, minute = text.strip().split(":")
    at = timedelta(hours=int(hour), minutes=int(minute))
    if len(minute) != 2 or not (hour + minute).isdecimal() or int(minute) > 59 or at > DAY:
        raise ValueError(text)
    return at


def occurrences(pattern: Pattern, start: datetime, end: datetime) -> Iterator[Shift]:
    """A pattern's shifts that lie in a range of time, wholly or in part."""
    slots = sorted(slot_of(text) for text in pattern.slots)
    day = max(pattern.begins_on, start.astimezone(CHINA).date() - DAY)  # yesterday's last shift may reach into the range
    last = end.astimezone(CHINA).date()
    last = last if pattern.ends_on is None else min(last, pattern.ends_on)
    while day <= last:
        if day.isoweekday() in pattern.weekdays:
            for number, (begin, length) in enumerate(slots):
                starts_at = datetime.combine(day, time(), CHINA) + begin
                if starts_at < end and starts_at + length > start:
                    official = pattern.officials[_turn(pattern, day, number, len(slots)) % len(pattern.officials)]
                    yield Shift(
                        line=pattern.line, starts_at=starts_at, ends_at=starts_at + length, official=official, source=pattern.id
                    )
        day += DAY


def _turn(pattern: Pattern, day: date, number: int, slots: int) -> int:
    """How many turns lie before a slot of a day."""
    if pattern.turn is Turn.WEEK:
        return (_monday(day) - _monday(pattern.begins_on)).days // 7 + number
    weeks, rest = divmod((day - pattern.begins_on).days, 7)
    days = set(pattern.weekdays)
    before = weeks * len(days) + sum((pattern.begins_on + n * DAY).isoweekday() in days for n in range(rest))
    return before * slots + number if pattern.turn is Turn.SHIFT else before + number


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
