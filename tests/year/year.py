"""A year, day by day: midnight's deadlines, then a day's work of everybody, then rest. Several counties may live the same days beside
each other, so that the waits for their rest are one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from deploy.replay import supervising
from deploy.replay.county import County, days
from deploy.replay.lots import Lots
from tests.year import asking, handling

MIDNIGHT = time(0, 0, 1)
FIRST = date(2016, 8, 1)  # when the county's five channels in one began
QUIET = 30  # in the last days nothing new comes in, so that most of what came is over


@dataclass(frozen=True, kw_only=True)
class Plan:
    """So many cases from a first to a last day; the office works on those `weekdays` (Monday is 0) that are worked at all."""

    cases: int
    last: date
    seed: int = 1
    first: date = FIRST
    weekdays: frozenset[int] = frozenset(range(7))


class Year:
    """What a plan does to a county."""

    def __init__(self, county: County, plan: Plan) -> None:
        self.county, self.plan, self.lots = county, plan, Lots(plan.seed)
        worked = [
            day for day in days(plan.first, plan.last) if day.weekday() in plan.weekdays and county.calendar.is_working(day)
        ]  # fmt: skip
        self._worked = frozenset(worked)
        busy = [day for day in worked if day <= plan.last - timedelta(days=QUIET)]
        self._arrivals = Counter(random.Random(plan.seed).choices(busy, k=plan.cases))

    def begin_day(self, day: date) -> bool:
        """Midnight; and where the day is worked, its work. Whether there is something to wait for."""
        self.county.at(day, MIDNIGHT)
        self.county.fall_due()
        if day not in self._worked:
            return False
        self._work(day)
        return True

    def _work(self, day: date) -> None:
        """Everybody works on what lay on his desk in the morning. Who is told comes before who tells, so that nothing of what is done
        today meets what was there: supervision, follow-up, petitioners, the units and who instructs them, the counter.
        """
        county, lots = self.county, self.lots
        county.at(day, _opening(day))
        county.fall_due()
        now = county.now
        desks, asked = handling.morning(county), asking.morning(county, now)
        supervising.supervise(county, lots, now)
        asking.ask(county, lots, asked, now, day)
        asking.decide(county, lots, asked, day)
        asking.answer(county, lots, asked, now, day)
        handling.instruct(county, lots, desks, asking.to_decide(lots, asked))
        handling.conclude(county, lots, desks)
        handling.handle(county, lots, desks, day)
        handling.register(county, lots, day, self._arrivals[day])


def _opening(day: date) -> time:
    """Half an hour earlier each day of the week: so what was written down yesterday may still be corrected today."""
    minutes = 11 * 60 - 30 * day.weekday()
    return time(minutes // 60, minutes % 60)


def play(years: Sequence[Year]) -> None:
    """Live these years beside each other, to the midnight after their last day."""
    first, last = years[0].plan.first, years[0].plan.last
    assert all((each.plan.first, each.plan.last) == (first, last) for each in years)
    for day in days(first, last):
        for county in [each.county for each in years if each.begin_day(day)]:
            county.settle()
    for each in years:
        each.county.at(last + timedelta(days=1), MIDNIGHT)
        each.county.settle()
