"""The worker of reporting."""

from services.reporting.handlers import projecting
from shared.bus.consumer import Batch, Bus, hears


class Service:
    """Keeps every event it hears, and the read model made from them."""

    name = "reporting"
    bus = Bus()

    @hears(projecting.HEARS, projecting.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()
