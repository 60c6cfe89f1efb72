"""A connection to RabbitMQ, and publishing with pipelined confirms."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

from shared.errors import Unavailable

HEARTBEAT = 10
READ_AHEAD, WRITE_TOGETHER = 8 * 1024, 32 * 1024  # bytes
FAULTS = (AMQPError, OperationalError, OSError)


def user_of(uri: str) -> str:
    """The user that an AMQP address signs in as."""
    return unquote(urlsplit(uri).username or "guest")


@contextmanager
def faults() -> Iterator[None]:
    """Turn what the client library raises for a broken connection or channel into Unavailable."""
    try:
        yield
    except FAULTS as fault:
        raise Unavailable(f"broker: {type(fault).__name__}: {fault}") from fault


def connect(uri: str, name: str) -> amqp.Connection:
    """An open connection that shows as `name` in the broker's list. Raises Unavailable."""
    options = {
        "client_properties": {
            "connection_name": name,
            # Without this the client looks for a "blocked" frame before each publish; our time limit on confirms covers it.
            "capabilities": {"consumer_cancel_notify": True, "connection.blocked": False, "authentication_failure_close": True},
        },
        "read_timeout": 30,
        "write_timeout": 30,
    }
    with faults():
        connection = Connection(uri, heartbeat=HEARTBEAT, connect_timeout=5, transport_options=options).connect()
    _read_ahead(connection.transport)
    return connection


def _read_ahead(transport: Any) -> None:
    """Read what has come, not what the next piece of a frame needs: that is six calls of the kernel for each message."""
    receive = transport._quick_recv
    transport._quick_recv = lambda wanted: receive(max(wanted, READ_AHEAD))


@contextmanager
def _gathered(transport: Any) -> Iterator[None]:
    """Write many messages in one call of the kernel: a call for each costs as much as making the message."""
    write, pile = transport._write, bytearray()

    def gather(piece: bytes | memoryview) -> None:
        pile.extend(piece)
        if len(pile) >= WRITE_TOGETHER:
            write(bytes(pile))
            pile.clear()

    transport._write = gather
    try:
        yield
    finally:
        transport._write = write
    transport.write(bytes(pile))


def hang_up(connection: amqp.Connection) -> None:
    """Close a connection in order, but never wait long: a broker that stands still or blocks us would not answer."""
    try:
        connection.transport.sock.settimeout(2.0)
        connection.close()
    except (*FAULTS, AttributeError):  # it is broken or gone already
        connection.collect()


class Outcome(Enum):
    """What the broker said of a message."""

    CONFIRMED = "confirmed"
    UNROUTABLE = "unroutable"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message on its way: the sealed bytes and where they go."""

    exchange: str
    routing_key: str
    body: bytes = field(repr=False)
    message_id: str
    type: str
    content_type: str
    subject: str
    key: str  # the original routing key, kept when the message goes to one queue


class Publisher:
    """Publishes on one channel. Every message is persistent, mandatory and confirmed; confirms are awaited for a batch."""

    def __init__(self, uri: str, name: str) -> None:
        self._user = user_of(uri)
        self.connection = connect(uri, name)
        with faults():
            self.channel = self.connection.channel()
            self.channel.confirm_select()
        self.channel.events["basic_ack"].add(self._acked)
        self.channel.events["basic_nack"].add(self._nacked)
        self.channel.events["basic_return"].add(self._returned)
        self._tag = 0
        self._waiting: dict[int, str] = {}
        self._outcomes: dict[str, Outcome] = {}

    def send(self, messages: Sequence[Outgoing], *, timeout: float) -> list[Outcome]:
        """Publish all, then wait for the broker's word on each, in the same order.

        Raises Unavailable when the connection breaks or the words have not all come within `timeout` seconds: it is then
        not known which arrived, and the same bytes are to be sent again on a new connection.
        """
        self._waiting.clear()
        self._outcomes.clear()
        with faults():
            with _gathered(self.connection.transport):
                for message in messages:
                    self._publish(message)
            deadline = time.monotonic() + timeout
            while self._waiting:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Unavailable(f"broker: {len(self._waiting)} of {len(messages)} not confirmed within {timeout} s")
                self.connection.drain_events(timeout=left)
        return [self._outcomes[message.message_id] for message in messages]

    def idle(self) -> None:
        """Keep the connection alive while there is nothing to send. Raises Unavailable when it is dead."""
        with faults():
            self.connection.heartbeat_tick()
            with suppress(TimeoutError):
                self.connection.drain_events(timeout=0.001)

    def close(self) -> None:
        """Close the connection; a broken one is dropped."""
        hang_up(self.connection)

    def _publish(self, message: Outgoing) -> None:
        properties: dict[str, Any] = {
            "content_type": message.content_type, "delivery_mode": 2, "message_id": message.message_id, "type": message.type,
            "user_id": self._user, "application_headers": {"subject": message.subject, "key": message.key},
        }  # fmt: skip
        self._tag += 1
        self._waiting[self._tag] = message.message_id
        self.channel.basic_publish(
            amqp.Message(message.body, **properties), exchange=message.exchange, routing_key=message.routing_key, mandatory=True
        )

    def _settle(self, tag: int, multiple: bool, outcome: Outcome) -> None:
        tags = [t for t in self._waiting if t <= tag] if multiple else [tag]
        for settled in tags:
            message_id = self._waiting.pop(settled, None)
            if message_id is not None:
                self._outcomes.setdefault(message_id, outcome)

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, Outcome.CONFIRMED)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, Outcome.REFUSED)

    def _returned(self, fault: Exception, exchange: str, routing_key: str, message: Any) -> None:
        # The return comes before the acknowledgement of the same message, and outweighs it.
        self._outcomes[message.properties["message_id"]] = Outcome.UNROUTABLE
