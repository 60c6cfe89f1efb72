"""`python -m bench.scheduler_process`: what the worker's timer does, again and again: fire what is due, a transaction after another.

The product's `fire_due` with the product's limit; without the relay, which sends what was told and is measured by B1.
"""

from __future__ import annotations

import time

from services.supervision.handlers import fire_due
from services.supervision.service import AT_ONCE
from shared.config import load
from shared.database import Database

if __name__ == "__main__":
    settings = load()
    database = Database(settings.service_url("supervision"), service="supervision", org=settings.org)
    while True:
        with database.unit_of_work() as uow:
            fired = fire_due(uow, limit=AT_ONCE)
        if not fired:
            time.sleep(0.01)  # the timer waits longer; here that would only be measured as waiting
