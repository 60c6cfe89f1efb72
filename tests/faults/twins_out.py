"""Twins of what goes out, the relay, and of registration: ways in which they could have been written wrongly.

A twin is put in place of the right code in one process. The test that runs it shows that the fault would be noticed.
"""

from __future__ import annotations

from typing import Any


def _no_confirms() -> None:
    """What was written to the socket is believed sent."""
    from shared.bus.broker import FAULTS, Outcome, Publisher

    def send(self: Any, messages: Any, *, timeout: float) -> list[Any]:
        try:
            for message in messages:
                self._publish(message)
        except FAULTS:
            pass
        return [Outcome.CONFIRMED for _ in messages]

    Publisher.send = send  # type: ignore[method-assign]


def _mark_first() -> None:
    """Rows are marked as sent when they are taken, so that no other relay takes them."""
    from shared.bus.broker import Outcome
    from shared.bus.delivery import _UNSENT, Destination, Sealed

    def deliver(self: Any, connection: Any) -> int:
        cursor = connection.cursor()
        cursor.execute(_UNSENT, (self.name,))
        rows = [Sealed(*row) for row in cursor.fetchall()]
        if rows:
            self._advance(connection, rows, iter([Outcome.CONFIRMED for row in rows if self._wanted(row)]))
            self.send([row.message() for row in rows if self._wanted(row)])
        return len(rows)

    Destination.deliver = deliver  # type: ignore[method-assign]


def _high_water() -> None:
    """The outbox is read from the highest id seen so far."""
    from shared.bus import relay

    top, unsealed = [0], relay._UNSEALED
    real = relay.Relay._write_seals

    def write(self: Any, cursor: Any, rows: Any) -> None:
        real(self, cursor, rows)
        top[0] = max(top[0], *(row[0] for row in rows))
        relay._UNSEALED = unsealed.replace("sequence IS NULL", f"sequence IS NULL AND id > {top[0]}")

    relay.Relay._write_seals = write  # type: ignore[method-assign]


def _no_reconnect() -> None:
    """A relay whose connection breaks ends; somebody will restart it."""
    from shared.bus.relay import Relay
    from shared.errors import Unavailable

    def run(self: Any) -> None:
        try:
            self._lead()
        except Unavailable:
            self._stopping.wait()

    Relay.run = run  # type: ignore[method-assign]


def _give_up_sending() -> None:
    """What the broker does not take is logged and left behind, so that the rest can go on."""
    from shared.bus.broker import Outcome
    from shared.bus.delivery import Destination
    from shared.errors import Unavailable

    real = Destination.send

    def send(self: Any, messages: Any) -> list[Any]:
        try:
            return real(self, messages)
        except Unavailable:
            return [Outcome.CONFIRMED for _ in messages]

    Destination.send = send  # type: ignore[method-assign]


def _no_lock() -> None:
    """Every process relays."""
    from shared.bus.relay import Relay

    Relay._wait_for_lock = lambda self, connection, cursor: True  # type: ignore[method-assign]


def _new_before_replay() -> None:
    """What is new goes out before a replay that broke off is sent again (as the code here once did)."""
    from shared.bus import relay
    from shared.bus.delivery import Destination

    answer, deliver = relay.answer_replays, Destination.deliver
    arguments: list[Any] = []
    relay.answer_replays = lambda *given: arguments.append(given) or 0  # type: ignore[func-returns-value]

    def both(self: Any, connection: Any) -> int:
        sent = deliver(self, connection)
        while arguments:
            answer(*arguments.pop())
        return sent

    Destination.deliver = both  # type: ignore[method-assign]


def _only_declare_links() -> None:
    """The queue of a subordinate is declared now and then, and that is all (as the code here once did)."""
    from shared.bus import topology
    from shared.bus.relay import Relay

    def keep(self: Any, connection: Any, local: Any) -> None:
        for code in self.settings.subordinates:
            topology.declare_link(local.broker(), code)

    Relay._keep_link_queues = keep  # type: ignore[method-assign]


# -- registration -----------------------------------------------------------------------------------------------------
def _autocommit() -> None:
    """Each statement is a transaction of its own."""
    from shared import connection

    connection.Beginning.begun = True


def _no_key() -> None:
    """The key that a retry carries is not looked at."""
    import uuid

    from services.intake.handlers import registration

    real = registration.register
    registration.register = lambda *args, **named: real(*args, **{**named, "key": uuid.uuid4()})


def _answer_first() -> None:
    """Answered now, stored soon: commits are gathered behind the answer."""
    import threading
    from contextlib import contextmanager

    from shared import database

    real = database.Database.unit_of_work

    @contextmanager
    def unit_of_work(self: Any, **named: Any) -> Any:
        inner = real(self, **named)
        uow = inner.__enter__()
        try:
            yield uow
        except BaseException:
            inner.__exit__(None, RuntimeError(), None)
            raise
        if uow.told:
            threading.Timer(20.0, inner.__exit__, (None, None, None)).start()
        else:
            inner.__exit__(None, None, None)

    database.Database.unit_of_work = unit_of_work  # type: ignore[method-assign]


def _keep_in_memory() -> None:
    """What cannot be stored now is kept, and stored when the database is back."""
    from datetime import UTC, datetime
    from uuid import uuid4

    import psycopg2

    from services.intake.handlers import registration
    from shared.database import UnitOfWork

    real, later = registration.register, []

    def register(*args: Any, **named: Any) -> Any:
        try:
            return real(*args, **named)
        except psycopg2.OperationalError as fault:
            later.append((args, named))
            print("kept for later:", fault, flush=True)
            return registration.Receipt(
                case_id=uuid4(), number=f"431023-0-{len(later)}", code="0", registered_at=datetime.now(UTC)
            )

    def commit(self: Any) -> None:
        try:
            committed(self)
        except psycopg2.Error:  # the transaction had failed; what is kept is not in it
            if not later:
                raise

    registration.register = register
    committed, UnitOfWork.commit = UnitOfWork.commit, commit  # type: ignore[method-assign]


def _needs_broker() -> None:
    """Registration publishes its event itself."""
    from shared.bus.broker import connect
    from shared.config import load
    from shared.database import UnitOfWork

    real = UnitOfWork._write_log

    def write(self: Any) -> None:
        real(self)
        connect(load().amqp_uri(self.service), "a twin").close()

    UnitOfWork._write_log = write  # type: ignore[method-assign]


def _forgetful_telephone() -> None:
    """A telephone system's messages and calls get ids of ours: one that is sent again is another one."""
    from uuid import uuid4

    from services.intake.handlers import telephone

    telephone.identity = lambda *args: uuid4()
