"""The worker of reporting."""

from services.reporting.handlers import preparing, projecting
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.timer import every


class Service:
    """Keeps every event it hears, and the read model made from them; prepares the reports of periods that are over."""

    name = "reporting"
    bus = Bus()

    @hears(projecting.HEARS, projecting.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()

    @every(seconds=5)
    def prepare(self) -> int:
        """The reports of periods that are over."""
        with self.bus.unit_of_work() as uow:
            return preparing.prepare_owed(uow)
