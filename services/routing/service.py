"""The worker of routing; it carries the link to the superior too."""

from datetime import UTC, datetime
from functools import cache

from services.routing import handlers, telling
from services.routing.handlers import figures, roster
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.linkage import Links
from shared.bus.timer import every
from shared.config import load
from shared.metrics import Seldom

MEASURE = Seldom()


@cache
def office() -> telling.Office:
    """What tells officials, by this process's settings."""
    return telling.office(load())


def real_now() -> datetime:
    """Real time, for sessions that end and for signatures."""
    return datetime.now(UTC)


class Service:
    """Hears petitions, and the protocol between superior and subordinates; tells officials."""

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
            return roster.take_office(uow, real_now())

    @every(seconds=5)
    def tell_officials(self) -> int:
        """What officials are told by mail and webhook; now and then what waits is measured."""
        if MEASURE.due():
            with self.bus.unit_of_work() as uow:
                figures.measure(uow)
        return telling.tell(self.bus, office(), real_now)
