"""The poke after a commit, from a process that has no relay: one NOTIFY of its own, never inside the transaction.

A NOTIFY in the transaction would make all commits of the database queue for one lock; many commits share one poke here.
"""

from __future__ import annotations

import logging
import threading
import time

import psycopg2

from shared.database import Database, connect
from shared.errors import Unavailable

log = logging.getLogger(__name__)
GATHER = 0.03  # seconds in which commits share the next poke; the first is never kept waiting


class Poker:
    """Tells the relay of one schema that there is something to send. The relay polls too: a lost poke costs a second."""

    def __init__(self, url: str, service: str) -> None:
        self._url, self._service = url, service
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def poke(self) -> None:
        """Never blocks and never fails."""
        self._asked.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name=f"poke-{self._service}", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        """Let go of the connection, soon; the next poke opens another."""
        with self._lock:
            self._thread = None
        self._asked.set()

    def _run(self) -> None:
        connection = None
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._thread is not threading.current_thread():
                self._asked.set()  # it may have been meant for the next one
                break
            try:
                if connection is None or connection.closed:
                    connection = connect(self._url, self._service)
                    connection.autocommit = True
                    # A NOTIFY is a transaction; nothing is lost with one, so none waits for the disk.
                    connection.cursor().execute("SET synchronous_commit = off")
                connection.cursor().execute(f"NOTIFY {self._service}_log")
            except (psycopg2.Error, Unavailable) as fault:
                log.warning("no poke for %s: %s", self._service, fault)
                connection = None
            time.sleep(GATHER)
        if connection is not None:
            connection.close()


def attach(database: Database) -> None:
    """Have each commit of this pool that told something poke its service's relay, which runs in another process."""
    poker = Poker(database.url, database.service)
    database.on_told, database.on_close = poker.poke, poker.close
