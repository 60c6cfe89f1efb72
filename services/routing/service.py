"""The worker of routing; it carries the link to the superior too."""

from datetime import UTC, datetime

from services.routing import handlers
from services.routing.handlers import roster
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.linkage import Links
from shared.bus.timer import every


class Service:
    """Hears petitions, and the protocol between superior and subordinates."""

    name = "routing"
    bus = Bus()
    links = Links()

    @hears(handlers.HEARS, handlers.preload, gather=0.03)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()

    @every(seconds=20)
    def take_office(self) -> int:
        """Terms that begin or end today."""
        with self.bus.unit_of_work() as uow:
            return roster.take_office(uow, datetime.now(UTC))  # real time, for the sessions that end
