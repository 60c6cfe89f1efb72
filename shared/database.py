"""One service's database: a small pool, and units of work in which state, history and events are written together."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extensions import connection as Connection
from psycopg2.extras import register_uuid

from shared.clock import Clock, clock_of
from shared.contract.catalogue import EVENTS, Contract
from shared.contract.envelope import Event, draft, uuid7
from shared.errors import Unavailable
from shared.rows import Rows, Table
from shared.sql import filled

E = TypeVar("E")
POOL_SIZE = 4
_SESSION = (
    "-c search_path={schema},platform -c timezone=UTC -c lock_timeout=10s -c statement_timeout=60s"
    # A process that was stopped in mid-transaction must not keep its locks for ever.
    " -c idle_in_transaction_session_timeout=30s"
)
# One look into the index for each case, whatever the planner believes of a table that it has no statistics of yet.
_VERSIONS = """
SELECT s AS subject, coalesce((SELECT max(caseversion) FROM event_log WHERE subject = s), 0) AS version FROM unnest(%(s)s) AS s
"""
register_uuid()


def connect(url: str, schema: str) -> Connection:
    """A connection whose search path is one schema. Raises Unavailable."""
    try:
        return psycopg2.connect(
            url, options=_SESSION.format(schema=schema), application_name=f"zhida-{schema}", connect_timeout=5,
            keepalives_idle=10, keepalives_interval=5, keepalives_count=3,
        )  # fmt: skip
    except psycopg2.OperationalError as fault:
        raise Unavailable(f"database: {str(fault).strip()}") from fault


# The last two are filed under InternalError: a server that became a standby, and a session ended because it stood still.
FAULTS = (
    psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.ReadOnlySqlTransaction,
    psycopg2.errors.IdleInTransactionSessionTimeout,
)  # fmt: skip


@contextmanager
def faults() -> Iterator[None]:
    """Turn the driver's connection faults into Unavailable; faults of data pass as they are."""
    try:
        yield
    except FAULTS as fault:
        raise Unavailable(f"database: {type(fault).__name__}: {str(fault).strip()}") from fault


@contextmanager
def transaction(connection: Connection) -> Iterator[psycopg2.extensions.cursor]:
    """One transaction on a connection that otherwise commits each statement by itself: a look costs one round trip, not three."""
    connection.autocommit = False
    try:
        with connection:
            yield connection.cursor()
    finally:
        if not connection.closed:
            connection.autocommit = True


class _Beginning(psycopg2.extensions.cursor):
    """A cursor whose first statement begins the transaction, on a connection that does not by itself: a round trip less."""

    begun = False

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run a statement."""
        if not self.begun:
            self.begun = True
            query = (b"BEGIN;\n" if isinstance(query, bytes) else "BEGIN;\n") + query
        super().execute(query, vars)


@dataclass(frozen=True, slots=True)
class _Told:
    contract: Contract
    event_id: UUID
    subject: str
    addressee: str
    data: Mapping[str, Any]
    cause: Event | None
    first: bool


class UnitOfWork:
    """State, history and events of one transaction in one schema: all of it is committed, or none.

    `cause` is the event that is being handled, if any; what is told carries its correlation on. On a connection that commits
    each statement by itself the first statement begins the transaction and `commit` ends it.
    """

    def __init__(self, connection: Connection, *, service: str, org: str, clock: Clock, traceparent: str = "") -> None:
        self.service, self.org, self.traceparent = service, org, traceparent
        self.cause: Event | None = None
        self._cursor = connection.cursor(cursor_factory=_Beginning if connection.autocommit else None)
        self._clock = clock
        self._now: datetime | None = None
        self._rows: dict[str, Rows[Any]] = {}
        self._told: list[_Told] = []
        self._later: list[bytes] = []

    @property
    def now(self) -> datetime:
        """Business time, the same throughout the unit of work."""
        if self._now is None:
            self._now = self._clock.now(self._cursor)
        return self._now

    def rows(self, table: Table[E]) -> Rows[E]:
        """The table's rows in this unit of work. Tables are written in the order in which they were first asked for."""
        if table.name not in self._rows:
            self._rows[table.name] = Rows(self._cursor, table)
        return self._rows[table.name]

    def all(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        """Run a statement; its rows as dictionaries. Changes not yet flushed are not seen."""
        self._cursor.execute(statement, params)
        if self._cursor.description is None:
            return []
        names = [column.name for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self._cursor.fetchall()]

    def one(self, statement: str, **params: Any) -> dict[str, Any] | None:
        """Run a statement; its first row, or None."""
        found = self.all(statement, **params)
        return found[0] if found else None

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run `... VALUES %s ...` for a set of rows at once."""
        if rows:
            self._cursor.execute(filled(self._cursor, statement, rows))

    def returning(self, statement: str, rows: Sequence[Sequence[Any]]) -> set[tuple[Any, ...]]:
        """Run `... VALUES %s ... RETURNING ...` for a set of rows at once; what it returned."""
        self.many(statement, rows)
        return set(self._cursor.fetchall()) if rows else set()

    def later(self, statement: str, rows: Sequence[Sequence[Any]], **params: Any) -> None:
        """Run `... VALUES %s ...` with the flush, in the same round trip as everything else that is written."""
        if rows:
            named = self._cursor.mogrify(statement.replace("VALUES %s", "VALUES %%s"), params).decode() if params else statement
            self._later.append(filled(self._cursor, named, rows))

    def tell(
        self, name: str, subject: str | UUID, data: Mapping[str, Any], *, addressee: str | None = None, first: bool = False
    ) -> UUID:
        """Record an event; it reaches its hearers if and only if this unit of work commits.

        The case's row must have been loaded in this unit of work (that is its lock). `addressee` is an organisation's
        code, the instance's own by default. `first` says that this begins the case here, which spares a look at its
        history (said wrongly, the transaction fails and nothing is stored). Raises ValueError when the data breaks the event's contract.
        """
        contract = EVENTS[name]
        if self.service not in contract.told_by:
            raise ValueError(f"{name} is not {self.service}'s to tell")
        wrong = contract.faults(data)
        if wrong:
            raise ValueError(f"{name} told with wrong data: {wrong}")
        event_id = uuid7()
        self._told.append(_Told(contract, event_id, str(subject), addressee or self.org, data, self.cause, first))
        return event_id

    @property
    def told(self) -> int:
        """How many events this unit of work has told so far."""
        return len(self._told)

    def flush(self, *tables: Table[Any]) -> None:
        """Write everything, in one round trip; or the changes of some tables, so that statements find them."""
        self._gather(tables)
        if self._later:
            self._cursor.execute(b";\n".join(self._later))
            self._later.clear()

    def commit(self) -> None:
        """Write everything and commit, in one round trip. Called once, at the end.

        Raises psycopg2's InFailedSqlTransaction when a statement had failed before, whoever caught its error.
        """
        self._gather(())
        if self._later or getattr(self._cursor, "begun", False):
            self._cursor.execute(b";\n".join([*self._later, b"COMMIT"]))
            if self._cursor.statusmessage != "COMMIT":
                raise psycopg2.errors.InFailedSqlTransaction("a statement had failed; nothing was stored")

    def _gather(self, tables: Sequence[Table[Any]]) -> None:
        known = [self.rows(table) for table in tables] if tables else list(self._rows.values())
        self._later += [change for rows in known for change in rows.changes()]
        if self._told and not tables:
            self._write_log()

    def _write_log(self) -> None:
        source = f"/{self.org}/{self.service}"
        subjects = list({told.subject for told in self._told} - {told.subject for told in self._told if told.first})
        versions = {row["subject"]: row["version"] for row in self.all(_VERSIONS, s=subjects)} if subjects else {}
        rows = []
        for told in self._told:
            version = versions[told.subject] = versions.get(told.subject, 0) + 1
            cause = told.cause
            body = draft(
                told.contract, event_id=told.event_id, source=source, subject=told.subject, time=self.now, data=told.data,
                caseversion=version, correlation_id=cause.correlation_id if cause else str(told.event_id),
                causation_id=str(cause.id) if cause else None, traceparent=(cause.traceparent if cause else "") or self.traceparent,
            )  # fmt: skip
            stream = f"{source} {told.addressee}"
            rows.append((told.event_id, told.contract.name, told.addressee, stream, told.subject, version, self.now, body))
        self.later(
            "INSERT INTO event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft) VALUES %s", rows
        )


def _fit(connection: Connection | None) -> Connection | None:
    """The connection, rolled back, for the next one who asks; None when it is broken."""
    try:
        if connection is not None and not connection.closed:
            if connection.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                connection.cursor().execute("ROLLBACK")
            return connection
    except psycopg2.Error:
        if connection is not None:
            connection.close()
    return None


class Database:
    """One service's schema, used through units of work. At most `POOL_SIZE` connections; a caller waits for a free one."""

    def __init__(self, url: str, *, service: str, org: str, simulated: bool = False) -> None:
        self.service, self.org = service, org
        self.url = url
        self._simulated = simulated
        self._clock: Clock | None = None
        self._slots: queue.SimpleQueue[Connection | None] = queue.SimpleQueue()  # None: a connection that may be opened
        for _ in range(POOL_SIZE):
            self._slots.put(None)
        self.on_told: Callable[[], None] = lambda: None  # after a commit that told something; the poke

    @contextmanager
    def unit_of_work(self, *, traceparent: str = "") -> Iterator[UnitOfWork]:
        """A transaction. Commits when the block ends, rolls back when it raises; then pokes the relay.

        Raises Unavailable when the database does not answer: nothing was stored, or (connection lost in the commit itself)
        it is not known whether it was, which is why every registration carries a key.
        """
        with self.connection() as connection, faults():
            connection.autocommit = True
            uow = UnitOfWork(
                connection, service=self.service, org=self.org, clock=self._clock_of(connection), traceparent=traceparent
            )
            yield uow
            uow.commit()
        if uow.told:
            self.on_told()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A pooled connection; rolled back and given back at the end, closed when it is broken."""
        try:
            connection = self._slots.get(timeout=5)
        except queue.Empty:
            raise Unavailable(f"database: all {POOL_SIZE} connections of {self.service} are busy") from None
        try:
            if connection is None or connection.closed:
                connection = connect(self.url, self.service)
            yield connection
        finally:
            self._slots.put(_fit(connection))

    def close(self) -> None:
        """Close the idle connections."""
        for _ in range(self._slots.qsize()):
            with suppress(queue.Empty):
                if (connection := self._slots.get_nowait()) is not None:
                    connection.close()
                self._slots.put(None)

    def _clock_of(self, connection: Connection) -> Clock:
        if self._clock is None:
            with connection.cursor() as cursor:
                self._clock = clock_of(cursor, self._simulated)
        return self._clock
