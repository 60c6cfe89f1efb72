"""A replay day by day: midnight, when limits pass; then the morning, the decisions and the afternoon of each day that is worked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta

from deploy.replay import issuing, supervising
from deploy.replay.acting import People
from deploy.replay.county import County, days
from deploy.replay.course import Step
from deploy.replay.doors import Doors
from deploy.replay.lots import Lots
from deploy.replay.plan import Planned

MIDNIGHT = time(0, 0, 1)
PARTS = (time(8, 30), time(11, 0), time(15, 0))
# Everybody called in comes, and no notice is taken back: else the plan's interviews would not be the county's.
NO_SLIPS = supervising.Slips(annulled=0, cancelled=0)


class Replay:
    """The cases of a plan in a running county, its mail receiver at `smtp`."""

    def __init__(self, county: County, cases: Sequence[Planned], seed: int, smtp: int) -> None:
        self._county, self._lots = county, Lots(seed)
        self._people = People(county, self._lots, Doors(county, self._lots, smtp))
        self._article = [case.name for case in cases if case.article]
        self._todo: dict[tuple[date, int], list[tuple[Planned, Step]]] = defaultdict(list)
        for case in cases:
            for step in case.course.steps:
                self._todo[step.day, step.part].append((case, step))

    def play(self, first: date, last: date, tell: Callable[[date], None] = lambda day: None) -> None:
        """Live these days, to the midnight after the last; `tell` is told each day when it is over."""
        county = self._county
        for day in days(first, last):
            self._at(day, MIDNIGHT)
            issuing.prepare(county)
            if county.calendar.is_working(day):
                for part, clock in enumerate(PARTS):
                    self._part(day, part, clock)
            tell(day)
        self._at(last + timedelta(days=1), MIDNIGHT)
        issuing.prepare(county)

    def _part(self, day: date, part: int, clock: time) -> None:
        todo = self._todo[day, part]
        if part and not todo:
            return
        self._at(day, clock)
        if part == 0:
            spared = {self._people.cases[name] for name in self._article if name in self._people.cases}
            issuing.issue(self._county)
            supervising.supervise(self._county, self._lots, self._county.now, NO_SLIPS, spared)
        self._people.do(todo)
        self._county.settle()

    def _at(self, day: date, clock: time) -> None:
        """Move the clock, everything being at rest, and rest again."""
        self._county.at(day, clock)
        self._county.settle()
