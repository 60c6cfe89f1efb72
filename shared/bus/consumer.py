"""The nameko side of the bus: the entrypoint for batches of events, and the extension that runs the relay.

class Routing:
    name = "routing"
    bus = Bus()

    @hears(handlers.HEARS, handlers.preload)
    def events(self, batch):
        batch.take()
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import amqp
import eventlet
from eventlet.event import Event as Signal
from nameko.extensions import DependencyProvider, Entrypoint

from shared.bus import bindings, topology
from shared.bus.agreement import ask_for_lost
from shared.bus.backlog import measure
from shared.bus.broker import FAULTS, connect, faults, hang_up, user_of
from shared.bus.inbox import Handler, Inbox, Preload
from shared.bus.parked import Incoming
from shared.bus.relay import Relay
from shared.bus.replay import request_replay
from shared.bus.retrying import retry_due
from shared.config import Settings
from shared.contract import EVENTS
from shared.database import Database
from shared.errors import Unavailable
from shared.health import HEALTH
from shared.metrics import record_unbound

log = logging.getLogger(__name__)
MEASURE = 5.0  # seconds between two looks at what waits
FEW = 5  # events: so few in a batch are no rush, and nothing is gathered


class Bus(DependencyProvider):
    """A service's database and relay; the worker's methods see the database."""

    @cached_property
    def relay(self) -> Relay:
        """The schema's relay. Opens nothing yet: servers may be away when a worker starts."""
        return Relay(self.container.config["settings"], self.container.service_name)

    @cached_property
    def database(self) -> Database:
        """The schema's database; what is told pokes the relay."""
        settings, service = self.container.config["settings"], self.container.service_name
        database = Database(settings.service_url(service), service=service, org=settings.org, simulated=settings.simulated)
        database.on_told = self.relay.poke
        return database

    def start(self) -> None:
        """Start the relay."""
        self._thread = self.container.spawn_managed_thread(self.relay.run, identifier="relay")

    def stop(self) -> None:
        """Let the relay finish what is at hand."""
        self.relay.stop()
        self._thread.wait()
        self.database.close()

    def get_dependency(self, worker_ctx: Any) -> Database:
        """What a worker's method finds under this name."""
        return self.database


@dataclass(frozen=True)
class Batch:
    """Messages of one queue, to be taken in together."""

    inbox: Inbox
    queue: str
    messages: list[Incoming]

    def take(self) -> None:
        """Handle or park every one. Raises Unavailable when nothing could be stored."""
        self.inbox.take(self.queue, self.messages)


class Hears(Entrypoint):
    """Takes events in batches: one transaction for each batch, then one acknowledgement, in the queue's order.

    Nothing is acknowledged before its transaction has committed. Nothing is ever sent back with `requeue` (that breaks the
    order): when the database is away the batch is kept and taken again, when the channel is gone the broker sends again.

    A batch costs nearly the same for one event as for twenty. `gather` (seconds) lets what follows close upon a batch share
    the next one, for services at which nobody waits. After a batch of few events the next one is taken at once.
    """

    def __init__(self, hears: Mapping[str, Handler], preload: Preload, *, gather: float = 0.0, **kwargs: Any) -> None:
        super().__init__(expected_exceptions=(Unavailable,), **kwargs)
        self.heard, self._preload, self.gather = hears, preload, gather

    def setup(self) -> None:
        """Build the inbox on the service's own database."""
        self.settings: Settings = self.container.config["settings"]
        self.service: str = self.container.service_name
        self._running = True
        self._kick = Signal()
        database = next(d for d in self.container.dependencies if isinstance(d, Bus)).database
        user = user_of(self.settings.amqp_uri(self.service))
        self.inbox = Inbox(database, self.settings, self.heard, self._preload, user)

    def start(self) -> None:
        """One reader for each partition, and one thread for parked events."""
        partitions = self.settings.partitions.get(self.service, 1)
        HEALTH.expect(f"{self.service} consumer")
        self._threads = [
            self.container.spawn_managed_thread(lambda queue=queue: self._run(queue), identifier=f"consumer {queue}")
            for queue in topology.queues(self.settings.org, self.service, partitions)
        ]
        self._threads.append(self.container.spawn_managed_thread(self._retry_parked, identifier="parked"))

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it, and stop reading."""
        self._running = False
        for thread in self._threads:
            thread.wait()

    def _run(self, queue: str) -> None:
        pause = 0.1
        while self._running:
            try:
                _Reader(self, queue).run()
                pause = 0.1
            except (Unavailable, *FAULTS) as fault:
                HEALTH.tell(f"{self.service} consumer", False)
                log.warning("consumer of %s waits %.1f s: %s", queue, pause, fault)
                eventlet.sleep(pause)
                pause = min(pause * 2, 5.0)

    def _retry_parked(self) -> None:
        measured = 0.0
        while self._running:
            try:
                retry_due(self.inbox)
                if time.monotonic() - measured > MEASURE:
                    measured = time.monotonic()
                    measure(self.inbox.database)
            except Unavailable as fault:
                log.warning("parked events of %s wait: %s", self.service, fault)
            eventlet.sleep(0.25)

    def run_batch(self, batch: Batch) -> None:
        """Run the service's method on a batch in a nameko worker, until it has committed; back off while it cannot."""
        pause = 0.1
        while True:
            done = Signal()

            def handle_result(worker_ctx: Any, result: Any, exc_info: Any, done: Signal = done) -> tuple[Any, Any]:
                done.send(exc_info)
                return result, None

            self.container.spawn_worker(self, (batch,), {}, handle_result=handle_result)
            exc_info = done.wait()
            if exc_info is None:
                return
            if not isinstance(exc_info[1], Unavailable):
                raise exc_info[1]
            if not self._running:
                raise exc_info[1]  # going down: the broker keeps the messages for the next process
            eventlet.sleep(pause)
            pause = min(pause * 2, 5.0)


class _Reader:
    """One connection that reads one queue: a greenlet fills the buffer, another empties it batch by batch."""

    def __init__(self, entrypoint: Hears, queue: str) -> None:
        self._entry, self._queue = entrypoint, queue
        self._size = entrypoint.settings.batch_size
        self._buffer: deque[amqp.Message] = deque()
        self._filled = eventlet.semaphore.Semaphore(0)
        self._fault: BaseException | None = None

    def run(self) -> None:
        """Read until stopped. Raises what broke the connection."""
        settings, service = self._entry.settings, self._entry.service
        self._connection = connect(settings.amqp_uri(service), f"{settings.org}.{service} consumer")
        worker = None
        try:
            self._declare()
            with faults():
                self._channel = self._connection.channel()
                self._channel.auto_decode = False  # bytes are kept as they came, whatever encoding they claim
                self._channel.basic_qos(0, self._size * 3, False)
                self._channel.basic_consume(self._queue, callback=self._received, no_ack=False, on_cancel=self._cancelled)
            worker = eventlet.spawn(self._empty)
            HEALTH.tell(f"{service} consumer", True)
            self._fill()
            if self._fault is not None:
                raise self._fault
        finally:
            self._fault = self._fault or Unavailable("the reader has stopped")
            self._filled.release()
            if worker is not None:
                worker.wait()
            hang_up(self._connection)

    def _declare(self) -> None:
        """Queues and bindings as they should be; for what was missing, ask the sources to send again.

        A new queue has missed what lies after the last event taken. A binding may have been gone for longer than
        anybody knows, while other events went on: there the sources send everything, and the inbox drops what it had.
        """
        settings, service = self._entry.settings, self._entry.service
        partitions = settings.partitions.get(service, 1)
        unbound = bindings.missing(settings, service)
        queues = topology.declare_service(self._connection, settings.org, service, partitions)
        if queues:
            self._heal(queues, everything=False)
        elif unbound:
            record_unbound(service, len(unbound))
            self._heal(topology.queues(settings.org, service, partitions), everything=True)

    def _heal(self, queues: list[str], *, everything: bool) -> None:
        settings, service = self._entry.settings, self._entry.service
        tellers = {teller for contract in (EVENTS[name] for name in self._entry.heard) for teller in contract.told_by}
        with self._entry.inbox.database.unit_of_work() as uow:
            for queue in queues:
                request_replay(uow, queue, service, sorted(tellers & set(settings.services)), everything=everything)
            ask_for_lost(uow, everything=everything)
        log.warning("%s of %s was missing: asked for a replay", "a binding" if everything else "a queue", queues)

    def _fill(self) -> None:
        declared = time.monotonic()
        while self._entry._running and self._fault is None:
            with faults():
                self._connection.heartbeat_tick()
                with suppress(TimeoutError):
                    self._connection.drain_events(timeout=0.5)
            if time.monotonic() - declared > self._entry.settings.binding_check:
                self._declare()
                declared = time.monotonic()

    def _received(self, message: amqp.Message) -> None:
        self._buffer.append(message)
        self._filled.release()

    def _cancelled(self, tag: str) -> None:
        self._fault = Unavailable(f"broker: queue {self._queue} was deleted or lost its leader")

    def _empty(self) -> None:
        """Take batches until the reader stops; what was not committed is not acknowledged."""
        until = 0.0
        try:
            while True:
                self._filled.acquire()
                self._gather(until)
                if self._fault is not None or not self._entry._running:
                    return
                taken = [self._buffer.popleft() for _ in range(min(len(self._buffer), self._size))]
                until = time.monotonic() + self._entry.gather if len(taken) >= FEW else 0.0
                self._entry.run_batch(Batch(self._entry.inbox, self._queue, [_incoming(message) for message in taken]))
                with faults():
                    self._channel.basic_ack(taken[-1].delivery_tag, multiple=True)
                for _ in taken[1:]:
                    self._filled.acquire(blocking=False)
        except Exception as fault:
            self._fault = fault

    def _gather(self, until: float) -> None:
        while len(self._buffer) < self._size and self._fault is None and self._entry._running:
            left = until - time.monotonic()
            if left <= 0:
                return
            eventlet.sleep(min(left, 0.02))


def _incoming(message: amqp.Message) -> Incoming:
    properties, delivery = message.properties, message.delivery_info
    key = delivery["routing_key"]
    if not delivery["exchange"].endswith(".events"):  # sent again to this consumer alone
        key = str((properties.get("application_headers") or {}).get("key", key))
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode("utf-8", "surrogatepass")
    return Incoming(
        body=body, routing_key=key, content_type=properties.get("content_type"), user=properties.get("user_id"),
        message_id=properties.get("message_id"), redelivered=bool(delivery["redelivered"]),
    )  # fmt: skip


hears: Callable[..., Any] = Hears.decorator

__all__ = ["Batch", "Bus", "hears"]
