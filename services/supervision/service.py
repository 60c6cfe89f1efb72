"""The worker of supervision."""

from services.supervision import handlers
from shared.bus.consumer import Batch, Bus, every, hears


class Service:
    """Keeps the deadlines, and says when one approaches or is missed."""

    name = "supervision"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()

    @every(seconds=1)
    def fire(self) -> int:
        """Deadlines whose time has come, in one transaction."""
        with self.bus.unit_of_work() as uow:
            return handlers.fire_due(uow, limit=1000)
