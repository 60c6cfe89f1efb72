"""The worker of intake."""

from services.intake import handlers
from shared.bus.consumer import Batch, Bus, every, hears


class Service:
    """Hears assignments and follow-ups, writes to petitioners."""

    name = "intake"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()

    @every(seconds=2)
    def send_messages(self) -> int:
        """Messages to petitioners whose time has come."""
        with self.bus.unit_of_work() as uow:
            return handlers.send_due(uow, limit=20)
