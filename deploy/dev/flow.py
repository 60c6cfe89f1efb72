"""Lets simulated time flow at the pace of real time, so that the demo's days pass like days: `python -m deploy.dev.flow URL ...`."""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta

import psycopg2

_STEP = "UPDATE platform.simulated_clock SET instant = instant + %s"


def main() -> None:
    """Move the clocks of the databases given until the process is ended. A database that is away is caught up with later."""
    last = time.monotonic()
    tick = threading.Event()
    while not tick.wait(1.0):
        now = time.monotonic()
        try:
            connections = [psycopg2.connect(url, connect_timeout=5) for url in sys.argv[1:]]
        except psycopg2.OperationalError:
            continue
        for connection in connections:
            with connection, connection.cursor() as cursor:
                cursor.execute(_STEP, (timedelta(seconds=now - last),))
            connection.close()
        last = now


if __name__ == "__main__":
    main()
