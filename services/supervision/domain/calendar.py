"""The working calendar as somebody changes it: what may be entered, what it was at an earlier time, and when it ends.

A change moves no limit by itself: `recount` says how a limit is counted anew, and by whose decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.supervision.working_calendar import WorkingCalendar
from shared.contract.person import Person
from shared.errors import Refused

AT_ONCE = 31  # days that one entry covers
LEAST_OFF = 5  # weekdays off without which no year's notice has been entered
FURTHEST = timedelta(days=800)  # of the coverage, from today
SOON, URGENT = 90, 30  # days before the calendar's end; the State Council's notice comes about sixty days before the year


class DayMark(StrEnum):
    """What a day is entered as; `ordinary` takes an entry back."""

    DAY_OFF = "day_off"
    WORKING = "working"
    ORDINARY = "ordinary"


class Entry(NamedTuple):
    """What a day becomes, and what it was."""

    day: date
    mark: DayMark
    name: str
    was: DayMark
    was_name: str

    def as_data(self) -> dict[str, str]:
        """As the row holds it."""
        return {**self._asdict(), "day": self.day.isoformat()}

    @classmethod
    def of(cls, data: dict[str, Any]) -> Entry:
        """From the row."""
        marks = {name: DayMark(data[name]) for name in ("mark", "was")}
        return cls(**{**data, **marks, "day": date.fromisoformat(data["day"])})


@dataclass(frozen=True, kw_only=True)
class CalendarChange:
    """One change: who, why, which days, and how far the calendar reached before and after. Never altered."""

    id: UUID
    changed_at: datetime
    changed_by: Person
    reason: str
    entries: tuple[dict[str, Any], ...]
    was_last: date
    last: date


class Alarm(StrEnum):
    """How near the calendar's end is."""

    SOON = "soon"
    URGENT = "urgent"
    OVER = "over"


def days_left(calendar: WorkingCalendar, today: date) -> int:
    """Days after today that are covered; negative when the end has passed."""
    return (calendar.last - today).days


def alarm(left: int) -> Alarm | None:
    """What the days left call for."""
    if left < 0:
        return Alarm.OVER
    return Alarm.URGENT if left <= URGENT else Alarm.SOON if left <= SOON else None


def mark_of(calendar: WorkingCalendar, day: date) -> DayMark:
    """What a day is entered as."""
    entered = calendar.days.get(day)
    return DayMark.ORDINARY if entered is None else DayMark.WORKING if entered else DayMark.DAY_OFF


def entries(calendar: WorkingCalendar, first: date, last: date, mark: DayMark, name: str) -> list[Entry]:
    """The days from `first` to `last` that such an entry changes. Raises Refused, with the field at fault.

    Of a holiday only the weekdays are entered, of make-up days only the weekends: the others are so anyhow.
    """
    if last < first:
        raise Refused("last", "末日早于首日。", "请核对两个日期。")
    if (last - first).days >= AT_ONCE:
        raise Refused("last", "一次最多录入%(days)s天。", "请分几次录入。", days=AT_ONCE)
    if first < calendar.first or last > calendar.last + FURTHEST:
        raise Refused("first", "日期不在日历可以录入的范围内。", "请核对年份。")
    if mark is not DayMark.ORDINARY and not name:
        raise Refused("name", "没有写明是哪个节假日。", "请填写名称，如“春节”。")
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        was, was_name = mark_of(calendar, day), calendar.names.get(day, "")
        fits = mark is DayMark.ORDINARY or (mark is DayMark.DAY_OFF) == (day.weekday() < 5)
        called = "" if mark is DayMark.ORDINARY else name
        if fits and (was, was_name) != (mark, called):
            found.append(Entry(day, mark, called, was, was_name))
    if not found:
        raise Refused("mark", "这些日子本来就是这样，没有要改的。", "放假只录入周一至周五，调休上班只录入周六、周日。")
    return found


def check_last(calendar: WorkingCalendar, last: date, today: date) -> None:
    """Whether the calendar may reach to `last`. Raises Refused: backwards, too far, or over a year that nobody has entered."""
    if last <= calendar.last:
        raise Refused("until", "日历已经覆盖到%(last)s。", "请填写更晚的日期。", last=calendar.last)
    if last > today + FURTHEST:
        raise Refused("until", "放假安排不会提前两年公布。", "请核对年份。")
    for year in range(calendar.last.year, last.year + 1):
        off = sum(not worked and day.year == year for day, worked in calendar.days.items())
        if off < LEAST_OFF:
            raise Refused("until", "%(year)s年的放假安排还没有录全。", "请先录入该年度的放假和调休，再延长覆盖日期。", year=year)


def as_of(calendar: WorkingCalendar, changes: Sequence[CalendarChange], moment: datetime) -> list[WorkingCalendar]:
    """The calendar as it stood at `moment`, every later change taken back. `changes` are in the order in which they were made.

    Of changes of that very instant nobody can say whether they came before or after: each way is one of those that are returned.
    """
    later = sum(change.changed_at > moment for change in changes)
    same = sum(change.changed_at == moment for change in changes)
    return [_without(calendar, changes[len(changes) - undone :]) for undone in range(later, later + same + 1)]


def _without(calendar: WorkingCalendar, changes: Sequence[CalendarChange]) -> WorkingCalendar:
    days, names, last = dict(calendar.days), dict(calendar.names), calendar.last
    for change in reversed(changes):
        last = change.was_last
        for entry in map(Entry.of, change.entries):
            days.pop(entry.day, None)
            names.pop(entry.day, None)
            if entry.was is not DayMark.ORDINARY:
                days[entry.day], names[entry.day] = entry.was is DayMark.WORKING, entry.was_name
    return replace(calendar, last=last, days=days, names=names)
