"""The worker of intake."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from services.intake import handlers
from services.intake.channels import duty_watch, sending
from services.intake.files.cabinet import open_cabinet
from services.intake.handlers import drafts, figures, filing
from services.intake.handlers.likeness import take_up
from services.intake.site import Site, read_site
from services.intake.vault.crypto import Vault, open_vault
from shared.bus.consumer import Batch, Bus, hears
from shared.bus.timer import every
from shared.config import load
from shared.database import Database
from shared.metrics import Seldom

MEASURE = Seldom()


@cache
def post_office() -> Callable[[Database, int], int]:
    """What sends messages to petitioners, by this process's settings."""
    return sending.sender(load())


@cache
def site() -> Site:
    """What the county decided about its intake."""
    return read_site(load())


@cache
def scan_room() -> Callable[[Database, int], int]:
    """What has files scanned that were taken in while no scanner answered, by this process's settings."""
    cabinet, vault = open_cabinet(site().files), open_vault(load().keys)
    return lambda database, limit: filing.scan_waiting(database, cabinet, vault, limit)


@cache
def watch() -> Callable[[Database], int]:
    """What looks whether the telephone is answered, by what the county decided."""
    return duty_watch.watcher(site().telephone)


@cache
def safe() -> Vault:
    """This process's vault."""
    return open_vault(load().keys)


class Service:
    """Hears assignments and follow-ups, writes to petitioners, destroys what need no longer be kept, watches the telephone's duty."""

    name = "intake"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload, gather=0.25)
    def events(self, batch: Batch) -> None:
        """Take a batch in."""
        batch.take()

    @every(seconds=2)
    def send_messages(self) -> int:
        """Messages to petitioners whose time has come; now and then how long the oldest has waited is measured."""
        if MEASURE.due():
            with self.bus.unit_of_work() as uow:
                figures.measure(uow)
        return post_office()(self.bus, 20)

    @every(seconds=600)
    def erase(self) -> int:
        """Keys of petitions whose time is over, and their files."""
        return filing.erase(self.bus, open_cabinet(site().files).store, site().retention)

    @every(seconds=30)
    def scan_files(self) -> int:
        """Files that no virus scanner has seen yet."""
        return scan_room()(self.bus, 20)

    @every(seconds=3600)
    def expire_drafts(self) -> int:
        """What clerks typed and did not go on with."""
        with self.bus.unit_of_work() as uow:
            return drafts.expire(uow)

    @every(seconds=60)
    def watch_duty(self) -> int:
        """Gaps of the duty roster, and missed callers who wait to be rung back."""
        return watch()(self.bus)

    @every(seconds=1)
    def take_up_words(self) -> int:
        """What finds a petition again among those that look like it. In a rush some at a time, for that costs more than to register it."""
        with self.bus.unit_of_work() as uow:
            take_up(uow, safe(), 50)
        return 0
