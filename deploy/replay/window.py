"""The days of a replay: which are worked, when a limit is over, when the ladder reaches whoever lets it pass. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import date, timedelta

from services.supervision.domain.periods import period_of
from services.supervision.policy import PeriodKind

LIMITS = {"ordinary": 10, "complex": 60}  # days from the first dispatch to the conclusion, as the county's policy has them
ANSWER = 6  # from a notice to the first day on which its answer is late


class Days:
    """The days from `first` to `last`, and a while more for what is planned beyond."""

    def __init__(self, first: date, last: date, is_working: Callable[[date], bool]) -> None:
        self.first, self.last = first, last
        self._ahead = [day for day in _days(first, last + timedelta(days=120)) if is_working(day)]
        self.worked = [day for day in self._ahead if day <= last]

    def on_or_after(self, day: date) -> date:
        """The first day worked that is not before."""
        return self._ahead[bisect_left(self._ahead, day)]

    def after(self, day: date, days: int = 1) -> date:
        """The first day worked at least so many days later."""
        return self.on_or_after(day + timedelta(days=days))

    def between(self, first: date, last: date) -> list[date]:
        """The days worked from the one to the other, both included, within the period."""
        return [day for day in self.worked if first <= day <= last]

    def limit(self, dispatched: date, case_class: str) -> date:
        """The last day on which a case is concluded in time."""
        return dispatched + timedelta(days=LIMITS[case_class])

    def due(self, dispatched: date, case_class: str) -> bool:
        """Whether that limit is over when the period is."""
        return self.limit(dispatched, case_class) <= self.last

    def earliest_call(self, limit: date) -> date:
        """Before this day nobody is called in about a limit that passed: a notice, which may be urgent, wants an answer first."""
        return self.after(self.after(limit), ANSWER)

    def latest_held(self, limit: date) -> date:
        """By this day the interview about a limit that passed has been held, if nothing was concluded before it was called."""
        ended = period_of(PeriodKind.HALF_MONTH, limit + timedelta(days=1)).last
        return self.after(self.after(self.after(ended), ANSWER))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
