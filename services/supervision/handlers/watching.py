"""What operators watch: what is owed and whether it is told in time, and the end of the working calendar, long before it comes."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import date

from services.supervision.handlers.calendar import coverage
from services.supervision.metrics import record_calendar, record_owed
from services.supervision.store import SQL
from services.supervision.working_calendar import local_day
from shared.database import UnitOfWork
from shared.metrics import Seldom

log = logging.getLogger(__name__)
EVERY = 60.0  # seconds


@dataclass
class Watch:
    """A process's memory: when it looked last, and on which day it spoke last."""

    looked: float | None = None
    spoke: date | None = None
    owed: Seldom = field(default_factory=Seldom)

    def look(self, uow: UnitOfWork) -> None:
        """State what is owed; look at the calendar once a minute, speak of it once a day, and only if there is something to say."""
        if self.owed.due():
            measure(uow)
        if self.looked is not None and time.monotonic() - self.looked < EVERY:
            return
        self.looked = time.monotonic()
        left, alarm = coverage(uow)
        record_calendar(left)
        today = local_day(uow.now)
        if alarm is not None and today != self.spoke:
            self.spoke = today
            log.warning("the working calendar ends in %d days (%s): enter the next year's holidays", left, alarm)


def measure(uow: UnitOfWork) -> None:
    """State what each unit owes, and for how long a deadline has been due that nobody was told of."""
    owed = {row["unit"]: (row["cases"], row["overdue"]) for row in uow.all(SQL["owed_by_unit"], now=uow.now)}
    cases, _ = owed.pop(None)
    unfired = uow.all(SQL["unfired"], now=uow.now)[0]["age"]
    record_owed(uow.org, cases, ((unit, *counts) for unit, counts in owed.items()), float(unfired))
