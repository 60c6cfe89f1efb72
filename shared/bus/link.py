"""The link down: carries what the superior addressed to this instance from its broker to the instance's own.

A message is acknowledged there when the own broker has confirmed it here; in between nothing is stored, and a crash sends
it twice, which the inboxes drop. The link up is a destination of the relay.
"""

from __future__ import annotations

import logging
import threading
import time
from uuid import uuid4

import amqp

from shared.bus import topology
from shared.bus.agreement import GIVEN, SYNC, read
from shared.bus.broker import FAULTS, Outcome, Outgoing, Publisher, connect, faults, user_of
from shared.bus.senders import may_speak
from shared.config import Settings
from shared.contract import decode
from shared.contract.envelope import CONTENT_TYPE
from shared.errors import Unavailable, Unreadable

log = logging.getLogger(__name__)
BATCH = 100


class LinkReader:
    """Reads `<org>.link` at the superior's broker until stopped; what nobody here may read goes to `keep`, with its bytes."""

    def __init__(self, settings: Settings, superior: str, uri: str, keep) -> None:  # type: ignore[no-untyped-def]
        self.settings, self.superior, self._uri, self._keep = settings, superior, uri, keep
        self._stopping = threading.Event()
        self._buffer: list[amqp.Message] = []

    def stop(self) -> None:
        """Return from `run` after the batch at hand."""
        self._stopping.set()

    def run(self) -> None:
        """Carry until stopped; back off while either broker is away."""
        pause = 0.1
        while not self._stopping.is_set():
            try:
                self._carry()
                pause = 0.1
            except (Unavailable, *FAULTS) as fault:
                log.warning("link from %s waits %.1f s: %s", self.superior, pause, fault)
                self._stopping.wait(pause)
                pause = min(pause * 2, 5.0)

    def _carry(self) -> None:
        there = connect(self._uri, f"{self.settings.org} link")
        here: Publisher | None = None
        self._buffer.clear()
        try:
            here = Publisher(self.settings.amqp_uri("link"), f"{self.settings.org} link")
            with faults():
                channel = there.channel()
                channel.basic_qos(0, BATCH * 2, False)
                channel.basic_consume(topology.link_queue(self.settings.org), callback=self._buffer.append)
            while not self._stopping.is_set():
                self._pump(there, here, channel)
        finally:
            if here is not None:
                here.close()
            try:
                there.close()
            except FAULTS:
                there.collect()

    def _pump(self, there: amqp.Connection, here: Publisher, channel: amqp.Channel) -> None:
        with faults():
            there.heartbeat_tick()
            wait = 0.5
            begun = time.monotonic()
            while len(self._buffer) < BATCH and time.monotonic() - begun < 0.5:
                try:
                    there.drain_events(timeout=wait)
                    wait = 0.001
                except TimeoutError:
                    break
        batch, self._buffer[:] = self._buffer[:BATCH], self._buffer[BATCH:]
        if not batch:
            here.idle()
            return
        outgoing = [carried for message in batch if (carried := self._translate(message)) is not None]
        for message, outcome in zip(outgoing, here.send(outgoing, timeout=15.0) if outgoing else [], strict=True):
            if outcome is not Outcome.CONFIRMED:
                self._keep(message.body, message.key, message.content_type, f"link from {self.superior}: {outcome.value} here")
        with faults():
            channel.basic_ack(batch[-1].delivery_tag, multiple=True)

    def _translate(self, message: amqp.Message) -> Outgoing | None:
        """The message for the own broker; None when it is this instance's own echo, or was kept as unreadable."""
        properties, key = message.properties, message.delivery_info["routing_key"]
        if not message.delivery_info["exchange"]:  # sent again, to this queue alone
            key = str((properties.get("application_headers") or {}).get("key", key))
        body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        try:
            if properties.get("content_type") in (SYNC, GIVEN):
                return self._word(message, body, key)
            event = decode(body, content_type=properties.get("content_type"), stream_key=self.settings.org)
            if key != event.contract.routing_key(self.settings.org):
                raise Unreadable(f"{event.contract.type} does not come under the key {key[:200]!r}")
            if event.organisation == self.settings.org:
                return None
            self._check(event.source, properties.get("user_id"))
        except Unreadable as fault:
            self._keep(body, key, properties.get("content_type"), f"link from {self.superior}: {fault}")
            return None
        return Outgoing(
            exchange=topology.EXCHANGE, routing_key=key, body=body, message_id=str(event.id), type=event.contract.type,
            content_type=CONTENT_TYPE, subject=event.subject, key=key,
        )  # fmt: skip

    def _word(self, message: amqp.Message, body: bytes, key: str) -> Outgoing | None:
        """What the superior says of how things stand, or gives back; None for our own echo. Raises Unreadable."""
        properties = message.properties
        if message.delivery_info["routing_key"] != f"{self.settings.org}.{topology.SYNC}":
            raise Unreadable(f"nothing of this kind comes under the key {key[:200]!r}")
        source = read(body)["source"] if properties["content_type"] == SYNC else f"/{self.superior}/{topology.LINKED}"
        if source.split("/")[1] == self.settings.org and user_of(self._uri) == properties.get("user_id"):
            return None
        self._check(source, properties.get("user_id"))
        original = str((properties.get("application_headers") or {}).get("key", key))  # of an event that is given back
        return Outgoing(
            exchange=topology.EXCHANGE, routing_key=f"{self.settings.org}.{topology.SYNC}", body=body,
            message_id=str(properties.get("message_id") or uuid4()), type="sync", content_type=properties["content_type"],
            subject="sync", key=original,
        )  # fmt: skip

    def _check(self, source: str, user: str | None) -> None:
        if not may_speak(source, user, own_user="", org=self.superior) or user_of(self._uri) == user:
            raise Unreadable(f"user {user!r} may not speak for {source}")
