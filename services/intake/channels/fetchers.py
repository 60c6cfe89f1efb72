"""The process that goes and fetches: mail boxes, boards and what else the site's file names, each in a thread of its own.

Such work waits on servers all over the world for minutes. In a worker it would starve the heartbeats, in the web the readers.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.intake.site import Site
from services.intake.vault.crypto import Vault
from shared.config import Settings
from shared.database import Database
from shared.errors import Unavailable

log = logging.getLogger(__name__)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before something that failed is begun anew


@dataclass(frozen=True, kw_only=True)
class Office:
    """What everything that fetches has at hand."""

    settings: Settings
    site: Site
    database: Database
    vault: Vault


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """One thing to fetch. `run` works until the event is set; what it raises ends this try and no other fetcher."""

    name: str
    run: Callable[[threading.Event], None]


def keep_running(fetcher: Fetcher, stopping: threading.Event) -> None:
    """Run, and begin anew after a failure, later each time, until stopped. A run that ends by itself is begun anew, too."""
    pause = FIRST_PAUSE
    while not stopping.is_set():
        try:
            fetcher.run(stopping)
            pause = FIRST_PAUSE
        except Unavailable as fault:
            log.warning("%s waits %.0f s: %s", fetcher.name, pause, fault)
        except Exception as fault:
            log.error("%s waits %.0f s: %s", fetcher.name, pause, place_of(fault))
        stopping.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def place_of(fault: BaseException) -> str:
    """What kind of fault it is and where it was raised; its own words may hold those of a mail."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {where.filename}:{where.lineno}"


def run_all(fetchers: Sequence[Fetcher], stopping: threading.Event) -> None:
    """Run them all until stopped, and wait for their ends."""
    threads = [threading.Thread(target=keep_running, args=(found, stopping), name=found.name) for found in fetchers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
