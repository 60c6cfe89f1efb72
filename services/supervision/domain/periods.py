"""The periods of the office: weeks, half months and two months, as civil dates of Asia/Shanghai (M11)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.supervision.policy import PeriodKind
from services.supervision.working_calendar import end_of


@dataclass(frozen=True, kw_only=True)
class Period:
    """From its first to its last day, `number` within its year: a week's by ISO 8601, the others' from 1."""

    kind: PeriodKind
    first: date
    last: date
    number: int

    @property
    def until(self) -> datetime:
        """The instant at which it is over: midnight after its last day."""
        return end_of(self.last)


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period in which a day lies."""
    if kind is PeriodKind.WEEK:
        first = day - timedelta(days=day.weekday())
        return Period(kind=kind, first=first, last=first + timedelta(days=6), number=day.isocalendar().week)
    if kind is PeriodKind.HALF_MONTH:
        late = day.day > 15
        first, end = day.replace(day=16 if late else 1), monthrange(day.year, day.month)[1] if late else 15
        return Period(kind=kind, first=first, last=day.replace(day=end), number=2 * day.month - (not late))
    even = day.month + day.month % 2
    last = date(day.year, even, monthrange(day.year, even)[1])
    return Period(kind=kind, first=date(day.year, even - 1, 1), last=last, number=even // 2)


def before(period: Period) -> Period:
    """The one before it."""
    return period_of(period.kind, period.first - timedelta(days=1))


def following(period: Period) -> Period:
    """The next one of its kind."""
    return period_of(period.kind, period.last + timedelta(days=1))
