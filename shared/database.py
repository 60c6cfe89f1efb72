"""One service's database: a small pool, and units of work in which state, history and events are written together."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg2

from shared.clock import Clock, clock_of
from shared.connection import Beginning, Connection, connect, faults, fit, planned, transaction
from shared.contract.catalogue import EVENTS, Contract
from shared.contract.envelope import Event, draft, uuid7
from shared.errors import Unavailable
from shared.metrics import expect_pool, record_waited
from shared.rows import Rows, Table
from shared.sql import filled

E = TypeVar("E")
POOL_SIZE = 4
# One look into the index for each case, whatever the planner believes of a table that it has no statistics of yet.
_VERSIONS = """
SELECT s AS subject, coalesce((SELECT max(caseversion) FROM event_log WHERE subject = s), 0) AS version FROM unnest(%(s)s) AS s
"""
__all__ = ["Database", "UnitOfWork", "connect", "faults", "transaction"]


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
        self._connection = connection
        self._cursor = connection.cursor(cursor_factory=Beginning if connection.autocommit else None)
        self._clock = clock
        self._now: datetime | None = None
        self._rows: dict[str, Rows[Any]] = {}
        self._told: list[_Told] = []
        self._written = 0
        self._later: list[bytes] = []
        self._gathered: tuple[str, list[Sequence[Any]]] | None = None  # the latest of them, while its rows may grow

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

    def often(self, statement: str, **params: Any) -> dict[str, Any] | None:
        """The same as `one`, planned once for each connection: for what is asked hundreds of times a second."""
        name, prepare, execute = planned(statement)
        if name not in self._connection.planned:
            self._cursor.execute(prepare)
            self._connection.planned.add(name)
        return self.one(execute, **params)

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
            if self._gathered is None or self._gathered[0] != named:
                self._fill()
                self._gathered = (named, [])
            self._gathered[1].extend(rows)

    def _fill(self) -> None:
        if self._gathered:
            self._later.append(filled(self._cursor, *self._gathered))
            self._gathered = None

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
        return self._written + len(self._told)

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
        self._fill()
        known = [self.rows(table) for table in tables] if tables else list(self._rows.values())
        self._later += [change for rows in known for change in rows.changes()]
        if self._told and not tables:
            self._write_log()
            self._written += len(self._told)
            self._told = []

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
            stream = told.contract.stream(source, told.addressee)
            rows.append((told.event_id, told.contract.name, told.addressee, stream, told.subject, version, self.now, body))
        self.later(
            "INSERT INTO event_log (event_id, name, addressee, stream, subject, caseversion, occurred_at, draft) VALUES %s", rows
        )
        self._fill()


class Database:
    """One service's schema, used through units of work. At most `POOL_SIZE` connections; a caller waits for a free one."""

    def __init__(self, url: str, *, service: str, org: str, simulated: bool = False) -> None:
        self.service, self.org = service, org
        self.url = url
        self._simulated = simulated
        self._clock: Clock | None = None
        self._permits: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._idle: deque[Connection] = deque()  # the last one given back is the first taken: a quiet service keeps one warm
        for _ in range(POOL_SIZE):
            self._permits.put(None)
        self.on_told: Callable[[], None] = lambda: None  # after a commit that told something; the poke
        self.on_close: Callable[[], None] = lambda: None  # the poke's connection goes with the pool's
        permits = self._permits
        expect_pool(service, POOL_SIZE, lambda: POOL_SIZE - permits.qsize())

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
        self._permit()
        connection = None
        try:
            connection = self._take()
            yield connection
        finally:
            if connection is not None and fit(connection):
                self._idle.append(connection)
            self._permits.put(None)

    def _permit(self) -> None:
        try:
            self._permits.get_nowait()
        except queue.Empty:
            begun, exhausted = time.monotonic(), False
            try:
                self._permits.get(timeout=5)
            except queue.Empty:
                exhausted = True
                raise Unavailable(f"database: all {POOL_SIZE} connections of {self.service} are busy") from None
            finally:
                record_waited(self.service, begun, exhausted=exhausted)

    def _take(self) -> Connection:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return connect(self.url, self.service)
            if not connection.closed:
                return connection

    def close(self) -> None:
        """Close the idle connections; the next use opens others."""
        with suppress(IndexError):  # whoever uses the pool beside us may take the last one
            while True:
                self._idle.pop().close()
        self.on_close()

    def _clock_of(self, connection: Connection) -> Clock:
        if self._clock is None:
            with connection.cursor() as cursor:
                self._clock = clock_of(cursor, self._simulated)
        return self._clock
