"""The poke after a commit, from a process that has no relay: one NOTIFY of its own, never inside the transaction.

A NOTIFY in the transaction would make all commits of the database queue for one lock; many commits share one poke here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from shared.connection import Connection, connect
from shared.database import Database
from shared.errors import Unavailable

log = logging.getLogger(__name__)
GATHER = 0.03  # seconds in which commits share the next poke; the first is never kept waiting


class Poker:
    """Tells the relay of one schema that there is something to send. The relay polls too: a lost poke costs a second."""

    def __init__(self, url: str, service: str) -> None:
        self._url, self._service = url, service
        self._asked = threading.Event()
        self._connection: Connection | None = None
        self._line = ThreadPoolExecutor(1, f"poke-{service}")

    def poke(self) -> None:
        """Never blocks and never fails."""
        if not self._asked.is_set():
            self._asked.set()
            self._soon(self._notify)

    def close(self) -> None:
        """Let go of the connection, soon; the next poke opens another."""
        self._soon(self._hang_up)

    def _soon(self, act: Callable[[], None]) -> None:
        try:
            self._line.submit(act)
        except RuntimeError:  # the process ends, or may have no more threads: the next poke tries again
            self._asked.clear()

    def _notify(self) -> None:
        self._asked.clear()
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url, self._service)
                self._connection.autocommit = True
                # A NOTIFY is a transaction; nothing is lost with one, so none waits for the disk.
                self._connection.cursor().execute("SET synchronous_commit = off")
            self._connection.cursor().execute(f"NOTIFY {self._service}_log")
        except (psycopg2.Error, Unavailable) as fault:
            log.warning("no poke for %s: %s", self._service, fault)
            self._connection = None
        time.sleep(GATHER)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()


def attach(database: Database) -> None:
    """Have each commit of this pool that told something poke its service's relay, which runs in another process."""
    poker = Poker(database.url, database.service)
    database.on_told, database.on_close = poker.poke, poker.close
