"""One process at a time at a mail box, a board or a list: by a lock that lives in a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from services.intake.store import SQL
from shared.connection import Connection, connect, faults
from shared.database import Database
from shared.errors import Unavailable


class Lock:
    """A lock that is held as long as its connection lives, however that ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def still_held(self) -> None:
        """Raises Unavailable when the lock is gone with its connection."""
        with faults(), self._connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def _ask(self, statement: str, name: str = "") -> bool:
        with faults(), self._connection.cursor() as cursor:
            cursor.execute(SQL[statement], {"name": name})
            return cursor.fetchone() == (True,)


@contextmanager
def alone(database: Database, name: str, *, give_up: Callable[[], bool] = lambda: True) -> Iterator[Lock | None]:
    """The lock of this name, or None while another process has it. `give_up` is asked before each further try; it may wait.

    Raises Unavailable when the database is away.
    """
    connection = connect(database.url, database.service)
    try:
        connection.autocommit = True
        lock = Lock(connection)
        while not (held := lock._ask("take_lock", name)) and not give_up():
            pass
        try:
            yield lock if held else None
        finally:
            with suppress(Unavailable):
                lock._ask("give_back_locks")  # at once: the server notices the end of a connection a moment later than we
    finally:
        connection.close()
