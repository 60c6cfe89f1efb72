"""The worker of supervision."""

from __future__ import annotations

from functools import cache

from services.supervision import handlers
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.timer import every
from shared.config import load
from shared.database import Database

AT_ONCE = 1000  # deadlines fired in one transaction
CALENDAR = handlers.Watch()


@cache
def adopt_policy(database: Database) -> None:
    """Put the policy of the settings in force, once in a process's life, before anything is judged by it."""
    with database.unit_of_work() as uow:
        handlers.adopt_policy(uow, load().policy)


class Service:
    """Keeps the deadlines, says when one approaches or is missed, and takes what follows by itself."""

    name = "supervision"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        adopt_policy(self.bus)
        batch.take()

    @every(seconds=1)
    def fire(self) -> int:
        """Deadlines whose time has come, in one transaction."""
        adopt_policy(self.bus)
        with self.bus.unit_of_work() as uow:
            CALENDAR.look(uow)
            return handlers.fire_due(uow, limit=AT_ONCE)

    @every(seconds=1)
    def keep_book(self) -> int:
        """What happened is judged by the rules of the score book."""
        adopt_policy(self.bus)
        with self.bus.unit_of_work() as uow:
            return handlers.keep_book(uow)

    @every(seconds=1)
    def climb(self) -> int:
        """What follows from misses, and what the ladder takes by itself."""
        adopt_policy(self.bus)
        with self.bus.unit_of_work() as uow:
            return handlers.climb_due(uow, limit=500)

    @every(seconds=5)
    def end_periods(self) -> int:
        """Weeks, half months and two months that are over."""
        adopt_policy(self.bus)
        with self.bus.unit_of_work() as uow:
            return handlers.end_periods(uow)
