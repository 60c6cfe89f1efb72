"""The worker of followup."""

from services.followup import handlers
from shared.bus.consumer import Batch, Bus, hears


class Service:
    """Asks the petitioner after each conclusion, and closes."""

    name = "followup"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()
