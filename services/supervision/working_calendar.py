"""Days: calendar days and working days of the Chinese calendar with its make-up days, as pure functions.

A limit of n days ends with the n-th day after the day of the start, at midnight in Asia/Shanghai. The table
of holidays
is handed in; beyond what it covers there is no answer, and never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.errors import Refused

ZONE = ZoneInfo("Asia/Shanghai")


class DayKind(StrEnum):
    """What a limit counts."""

    CALENDAR = "calendar"
    WORKING = "working"


class CalendarEnds(Refused):
    """Park: working days cannot be counted where nobody has entered the holidays yet."""


@dataclass(frozen=True, kw_only=True)
class WorkingCalendar:
    """Which days are worked, from `first` to `last` inclusive.

    `days` holds the exceptions: True for a Saturday or Sunday that is worked to make up, False for a weekday
    that is off; `names` what they are called after.
    """

    first: date
    last: date
    days: Mapping[date, bool] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)

    @classmethod
    def none(cls) -> WorkingCalendar:
        """A calendar that covers no day, for policies that count calendar days only."""
        return cls(first=date.max, last=date.min)

    def is_working(self, day: date) -> bool:
        """Whether `day` is worked. Raises CalendarEnds outside the coverage."""
        if not self.first <= day <= self.last:
            raise CalendarEnds(
                "calendar", "工作日历只覆盖 %(first)s 至 %(last)s，无法推算 %(day)s 是否为工作日。",
                "请先录入该年度的放假调休安排，再重试。", first=self.first, last=self.last, day=day,
            )  # fmt: skip
        return self.days.get(day, day.weekday() < 5)


def local_day(moment: datetime) -> date:
    """The day of an instant in Asia/Shanghai."""
    return moment.astimezone(ZONE).date()


def end_of(day: date) -> datetime:
    """The instant in UTC at which a day of Asia/Shanghai is over."""
    return datetime.combine(day + timedelta(days=1), time(0), ZONE).astimezone(UTC)


def last_day(start: date, days: int, kind: DayKind, calendar: WorkingCalendar) -> date:
    """The last day of a limit of `days` that began on `start`, which does not count itself. Raises
    CalendarEnds.
    """
    if kind is DayKind.CALENDAR:
        return start + timedelta(days=days)
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working(day)
    return day


def due_at(start: datetime, days: int, kind: DayKind, calendar: WorkingCalendar) -> datetime:
    """The instant in UTC from which on something that was due within `days` of `start` is late. Raises
    CalendarEnds.
    """
    return end_of(last_day(local_day(start), days, kind, calendar))
