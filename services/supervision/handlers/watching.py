"""The end of the working calendar, told to operators long before it comes: a figure, and a line in the log each day."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date

from services.supervision.handlers.calendar import coverage
from services.supervision.metrics import record_calendar
from services.supervision.working_calendar import local_day
from shared.database import UnitOfWork

log = logging.getLogger(__name__)
EVERY = 60.0  # seconds


@dataclass
class Watch:
    """A process's memory: when it looked last, and on which day it spoke last."""

    looked: float | None = None
    spoke: date | None = None

    def look(self, uow: UnitOfWork) -> None:
        """Look once a minute; speak once a day, and only if there is something to say."""
        if self.looked is not None and time.monotonic() - self.looked < EVERY:
            return
        self.looked = time.monotonic()
        left, alarm = coverage(uow)
        record_calendar(left)
        today = local_day(uow.now)
        if alarm is not None and today != self.spoke:
            self.spoke = today
            log.warning("the working calendar ends in %d days (%s): enter the next year's holidays", left, alarm)
