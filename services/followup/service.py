"""The worker of followup."""

from __future__ import annotations

from functools import cache

from services.followup import handlers
from services.followup.handlers.in_force import chosen
from shared.bus.consumer import Batch, Bus, hears
from shared.config import load
from shared.database import Database


@cache
def adopt_policy(database: Database) -> None:
    """Put the policy of the settings in force, once in a process's life, before anything is judged by it."""
    with database.unit_of_work() as uow:
        handlers.adopt_policy(uow, chosen(load()))


class Service:
    """Asks the petitioner after each conclusion, and closes."""

    name = "followup"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        adopt_policy(self.bus)
        batch.take()
