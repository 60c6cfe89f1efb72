"""`zhida intake channels`: the process that fetches and listens."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from services.intake.channels.fetchers import Office, run_all
from services.intake.channels.importer import import_fetchers
from services.intake.channels.sources import fetchers
from services.intake.site import read_site
from services.intake.vault.crypto import open_vault
from shared import config, health, logs
from shared.database import Database
from shared.memory import give_back

log = logging.getLogger(__name__)


def run() -> None:
    """Run what the site's file names until SIGTERM or SIGINT, then let each finish the mail that it is at.

    Raises OSError, naming what is wrong, and Unavailable without a master key.
    """
    give_back()
    settings = config.load()
    database = Database(settings.service_url("intake"), service="intake", org=settings.org, simulated=settings.simulated)
    office = Office(settings=settings, site=read_site(settings), database=database, vault=open_vault(settings.keys))
    found = fetchers(office)
    if not found:
        raise OSError("ZHIDA_FILE_INTAKE names nothing to fetch; see docs/operations.md")
    found += import_fetchers(office)  # lists of old cases are handed in on a page, not named in a file
    stopping = threading.Event()

    def stop(*_: Any) -> None:
        health.HEALTH.draining = True
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    logs.configure()
    server = health.serve(settings.health_port, settings.health_host) if settings.health_port else None
    log.info("channels are up: %s", ", ".join(one.name for one in found))
    run_all(found, stopping)
    if server is not None:
        server.shutdown()
    log.info("channels have drained")
