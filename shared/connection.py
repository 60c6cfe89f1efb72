"""One connection to PostgreSQL: how it is opened, what its faults are, where a transaction begins and what is planned once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extras import register_uuid

from shared.errors import Unavailable

_SESSION = (
    "-c search_path={schema},platform -c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
    # A process that was stopped in mid-transaction must not keep its locks for ever.
    " -c idle_in_transaction_session_timeout=30s"
)
_NAMED = re.compile(r"%\((\w+)\)s")
register_uuid()


class Connection(psycopg2.extensions.connection):
    """A connection that knows which statements it has planned."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.planned: set[str] = set()


def connect(url: str, schema: str) -> Connection:
    """A connection whose search path is one schema. Raises Unavailable."""
    try:
        return psycopg2.connect(
            url, connection_factory=Connection, options=_SESSION.format(schema=schema), application_name=f"zhida-{schema}", connect_timeout=5,
            keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
        )  # fmt: skip
    except psycopg2.OperationalError as fault:
        raise Unavailable(f"database: {str(fault).strip()}") from fault


# The last two are filed under InternalError: a server that became a standby, and a session ended because it stood still.
FAULTS = (
    psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.ReadOnlySqlTransaction,
    psycopg2.errors.IdleInTransactionSessionTimeout,
)  # fmt: skip


class _Faults:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        if isinstance(fault, FAULTS):
            raise Unavailable(f"database: {type(fault).__name__}: {str(fault).strip()}") from fault


_FAULTS = _Faults()


def faults() -> AbstractContextManager[None]:
    """Turn the driver's connection faults into Unavailable; faults of data pass as they are."""
    return _FAULTS


@contextmanager
def transaction(connection: psycopg2.extensions.connection) -> Iterator[psycopg2.extensions.cursor]:
    """One transaction on a connection that otherwise commits each statement by itself: a look costs one round trip, not three."""
    connection.autocommit = False
    try:
        with connection:
            yield connection.cursor()
    finally:
        if not connection.closed:
            connection.autocommit = True


class Beginning(psycopg2.extensions.cursor):
    """A cursor whose first statement begins the transaction, on a connection that does not by itself: a round trip less."""

    begun = False

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run a statement."""
        if self.begun:
            return super().execute(query, vars)
        try:
            super().execute((b"BEGIN;\n" if isinstance(query, bytes) else "BEGIN;\n") + query, vars)
        finally:  # a statement that never reached the server has begun nothing
            self.begun = self.connection.get_transaction_status() != TRANSACTION_STATUS_IDLE


def fit(connection: Connection) -> bool:
    """Whether a connection, rolled back, is fit for the next one who asks."""
    try:
        if not connection.closed and connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            connection.cursor().execute("ROLLBACK")
    except psycopg2.Error:
        connection.close()
    return not connection.closed


@cache
def planned(statement: str) -> tuple[str, str, str]:
    """A statement's name, how it is prepared and how it is executed with the same parameters by name."""
    names = list(dict.fromkeys(_NAMED.findall(statement)))
    name = f"zhida_{hashlib.blake2b(statement.encode(), digest_size=8).hexdigest()}"
    body = _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    return name, f"PREPARE {name} AS {body}", f"EXECUTE {name} ({', '.join(f'%({each})s' for each in names)})"
