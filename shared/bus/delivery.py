"""Where sealed events go: the instance's own exchange, and the superior's. Each destination has cursors of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import amqp
import psycopg2

from shared.bus import topology
from shared.bus.broker import Outcome, Outgoing, Publisher
from shared.bus.peers import Peer
from shared.bus.topology import EXCHANGE, PUBLIC_EXCHANGE
from shared.config import Settings
from shared.contract import EVENTS, seal_suffix
from shared.contract.envelope import CONTENT_TYPE
from shared.database import connect, faults, transaction
from shared.errors import Unavailable
from shared.metrics import expect_destination, record_published, record_relay, record_stalled
from shared.sql import filled

log = logging.getLogger(__name__)
PUBLIC = "public"
SEND_LIMIT = 500
CONFIRM_TIMEOUT = 15.0
STALL_RETRY = "5 seconds"

_UNSENT = f"""
SELECT e.id, e.event_id, e.name, e.addressee, e.stream, e.subject, e.sequence, e.draft
FROM delivery d CROSS JOIN LATERAL (
    SELECT * FROM event_log WHERE stream = d.stream AND sequence > d.sequence ORDER BY sequence LIMIT {SEND_LIMIT}
) e
WHERE d.destination = %s AND (d.stalled_at IS NULL OR d.stalled_at < now() - interval '{STALL_RETRY}')
ORDER BY e.id LIMIT {SEND_LIMIT}
"""
# The commit of a cursor does not wait for the disk: a server that crashes forgets at most its last moment's cursors, and then
# the same bytes are sent again, as after any crash.
_ADVANCE = """
UPDATE delivery d SET sequence = greatest(d.sequence, v.sequence), stalled_for = v.stalled_for,
    stalled_at = CASE WHEN v.stalled_for IS NULL THEN NULL ELSE now() END
FROM (VALUES %s) AS v (destination, stream, sequence, stalled_for), (SELECT set_config('synchronous_commit', 'off', true)) AS hurried
WHERE d.destination = v.destination AND d.stream = v.stream
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed row of the log."""

    id: int
    event_id: Any
    name: str
    addressee: str
    stream: str
    subject: str
    sequence: int
    draft: memoryview

    def message(self, exchange: str = EXCHANGE, routing_key: str | None = None) -> Outgoing:
        """The row as the message that it is sent as: the same bytes each time."""
        contract = EVENTS[self.name]
        key = contract.routing_key(self.addressee)
        return Outgoing(
            exchange=exchange, routing_key=key if routing_key is None else routing_key, body=bytes(self.draft) + seal_suffix(self.sequence),
            message_id=str(self.event_id), type=contract.type, content_type=CONTENT_TYPE, subject=self.subject, key=key,
        )  # fmt: skip


class Destination:
    """One exchange that a schema's log is published to. `wanted` says which rows anybody there hears."""

    def __init__(self, name: str, uri: str, *, settings: Settings, service: str, wanted: Callable[[Sealed], bool]) -> None:
        self.name, self._uri = name, uri
        self._settings, self._service, self._wanted = settings, service, wanted
        self._publisher: Publisher | None = None
        self._woken = threading.Event()
        self._closed = False
        self.peer: Peer | None = None  # who is at the other end of a link
        self.exchange = EXCHANGE
        expect_destination(service, name, tuple(outcome.value for outcome in Outcome))

    def deliver(self, connection: psycopg2.extensions.connection) -> int:
        """Send a batch of what is unsent, await the confirms, move the cursors and commit. Returns how many were read.

        `connection` commits each statement by itself.
        """
        with faults():
            cursor = connection.cursor()
            cursor.execute(_UNSENT, (self.name,))
            rows = [Sealed(*row) for row in cursor.fetchall()]
        if rows:
            outcomes = self.send([row.message(self.exchange) for row in rows if self._wanted(row)])
            self._advance(connection, rows, iter(outcomes))
        return len(rows)

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish and await the confirms; drop the connection when it fails, so that the next try has a new one."""
        if not messages:
            return []
        try:
            publisher, begun = self._open(), time.monotonic()
            outcomes = publisher.send(messages, timeout=CONFIRM_TIMEOUT)
        except BaseException:
            self._drop()
            raise
        answers = Counter(outcome.value for outcome in outcomes)
        record_published(self._service, self.name, answers, time.monotonic() - begun)
        return outcomes

    def broker(self) -> amqp.Connection:
        """The connection that this publishes on. Raises Unavailable."""
        return self._open().connection

    def _open(self) -> Publisher:
        if self._publisher is None:
            self._publisher = Publisher(self._uri, f"{self._settings.org}.{self._service} relay {self.name}")
        return self._publisher

    def _advance(self, connection: psycopg2.extensions.connection, rows: Sequence[Sealed], outcomes: Any) -> None:
        """Each stream's cursor goes to its last row before the first that was not taken; that stream stands still there."""
        last: dict[str, tuple[int, str | None]] = {}
        for row in rows:
            outcome = next(outcomes) if self._wanted(row) else Outcome.CONFIRMED
            if last.get(row.stream, (0, None))[1] is not None:
                continue
            if outcome is Outcome.CONFIRMED:
                last[row.stream] = (row.sequence, None)
            else:
                last[row.stream] = (row.sequence - 1, f"{EVENTS[row.name].routing_key(row.addressee)}: {outcome.value}")
                log.error("stream %s to %s stands at %d: %s", row.stream, self.name, row.sequence, last[row.stream][1])
                record_stalled(self._service, self.name)
        with faults(), transaction(connection) as cursor:
            self._mark(cursor, [(self.name, stream, *where) for stream, where in sorted(last.items())])

    def _mark(self, cursor: psycopg2.extensions.cursor, cursors: Sequence[tuple[str, str, int, str | None]]) -> None:
        cursor.execute(filled(cursor, _ADVANCE, cursors))

    def idle(self) -> None:
        """Keep the connection to the broker alive."""
        if self._publisher is not None:
            try:
                self._publisher.idle()
            except Unavailable:
                self._drop()
                raise

    def wake(self) -> None:
        """There is something new to send."""
        self._woken.set()

    def run(self) -> None:
        """A link's own loop, so that a dead link never delays the instance's own events."""
        pause = 0.1
        while not self._closed:
            connection = None
            try:
                connection = connect(self._settings.service_url(self._service), self._service)
                connection.autocommit = True
                while not self._closed:
                    again = self.peer.tend(connection) if self.peer else 0  # before anything new
                    if not self.deliver(connection) and not again:
                        self.idle()
                        self._woken.wait(1.0)
                        self._woken.clear()
                    pause = 0.1
            except Unavailable as fault:
                log.warning("%s of %s waits %.1f s: %s", self.name, self._service, pause, fault)
                record_relay(self._service, "link_unavailable")
                pause = self._back_off(pause)
            except Exception:  # a thread that ended would leave the link dead without a word
                log.exception("%s of %s waits %.1f s", self.name, self._service, pause)
                record_relay(self._service, "link_failed")
                pause = self._back_off(pause)
            finally:
                if connection is not None:
                    connection.close()

    def _back_off(self, pause: float) -> float:
        self._woken.wait(pause)
        self._woken.clear()
        return min(pause * 2, 5.0)

    def close(self) -> None:
        """Stop the loop and drop the connection."""
        self._closed = True
        self._woken.set()
        self._drop()

    def _drop(self) -> None:
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None


def local_destination(settings: Settings, service: str) -> Destination:
    """The instance's own exchange. Wanted is what one of its services or linked subordinates is bound to, so that
    `unroutable` always means a fault."""
    keys = {key for hearer in settings.services for key in topology.bindings(settings.org, hearer)}

    def wanted(row: Sealed) -> bool:
        known = f"{row.addressee}.{row.name}" in keys or f"*.{row.name}" in keys or row.addressee in settings.subordinates
        return known and not EVENTS[row.name].public

    return Destination("local", settings.amqp_uri(service), settings=settings, service=service, wanted=wanted)


def superior_destination(settings: Settings, service: str, superior: str, uri: str) -> Destination:
    """The superior's exchange, where all but local events go."""
    destination = Destination(
        f"link:{superior}", uri, settings=settings, service=service, wanted=lambda row: not EVENTS[row.name].local
    )  # fmt: skip
    destination.peer = Peer(settings, service, superior, destination, up=True)
    return destination


class _Public(Destination):
    """Where agencies listen. That nobody listens to an event there is no fault."""

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Publish and await the confirms."""
        return [Outcome.CONFIRMED if outcome is Outcome.UNROUTABLE else outcome for outcome in super().send(messages)]


def public_destination(settings: Settings, service: str) -> Destination:
    """The exchange of other agencies, which is told what is public and nothing else."""
    destination = _Public(
        PUBLIC, settings.public_uri, settings=settings, service=service, wanted=lambda row: EVENTS[row.name].public
    )
    destination.exchange = PUBLIC_EXCHANGE
    return destination
