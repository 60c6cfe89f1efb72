"""The worker of routing; it carries the link to the superior too."""

from services.routing import handlers
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.linkage import Links


class Service:
    """Hears petitions, and the protocol between superior and subordinates."""

    name = "routing"
    bus = Bus()
    links = Links()

    @hears(handlers.HEARS, handlers.preload, gather=0.03)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()
